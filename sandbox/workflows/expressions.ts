import { data, Evaluator, Lexer, Parser } from '@actions/expressions';

/** `github`, `inputs`, `needs`, `matrix`, …: what an expression may look into. */
export type Contexts = Record<string, unknown>;

/** How what a job waits for has ended. */
export interface Status {
  succeeded: boolean;
  failed: boolean;
  cancelled: boolean;
}

const names = ['github', 'inputs', 'needs', 'matrix', 'vars', 'secrets', 'strategy', 'env'];
const status = ['success', 'failure', 'always', 'cancelled'];

/** What an expression comes to, by GitHub's own evaluator. */
export function evaluate(expression: string, contexts: Contexts, ended?: Status): unknown {
  const answers: Record<string, boolean | undefined> = {
    success: ended?.succeeded,
    failure: ended?.failed,
    always: true,
    cancelled: ended?.cancelled,
  };
  const functions = status.map(name => ({
    ...{ name, minArgs: 0, maxArgs: 0 },
    call: () => new data.BooleanData(answers[name] ?? false),
  }));
  const { tokens } = new Lexer(expression).lex();
  const parsed = new Parser(tokens, names, ended ? functions : []).parse();
  const all = { ...Object.fromEntries(names.map(name => [name, {}])), ...contexts };
  const dictionary = JSON.parse(JSON.stringify(all), data.reviver) as data.Dictionary;
  const result = new Evaluator(
    parsed,
    dictionary,
    ended && new Map(functions.map(each => [each.name, each])),
  ).evaluate();
  return JSON.parse(JSON.stringify(result, data.replacer));
}

/** A job's `if:`, which also without braces is an expression, and asks for success unless it asks for something else. */
export function isTrue(condition: unknown, contexts: Contexts, ended: Status): boolean {
  const text = String(condition ?? 'success()').trim();
  const [, inner = text] = /^\$\{\{(.*)\}\}$/s.exec(text) ?? [];
  const asks = new RegExp(`\\b(${status.join('|')})\\s*\\(`).test(inner);
  return truth(evaluate(asks ? inner : `success() && (${inner})`, contexts, ended));
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#literals */
const truth = (value: unknown): boolean => !(value === '' || value === 0 || !value);

/** A value with its `${{ … }}` replaced, however deep; one that is an expression and nothing else keeps its type. */
export function interpolate(value: unknown, contexts: Contexts): unknown {
  if (Array.isArray(value)) return value.map(each => interpolate(each, contexts));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, interpolate(each, contexts)]));
  }
  if (typeof value !== 'string' || !value.includes('${{')) return value;
  const [, whole] = /^\$\{\{((?:(?!\}\}).)*)\}\}$/s.exec(value.trim()) ?? [];
  if (whole !== undefined) return evaluate(whole, contexts);
  return value.replace(/\$\{\{(.*?)\}\}/gs, (_, inner: string) => text(evaluate(inner, contexts)));
}

export const text = (value: unknown): string => (value === null || value === undefined ? '' : String(value));
