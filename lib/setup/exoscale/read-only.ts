import type { Policy } from '../../exoscale/account.ts';

/** What a policy lets its key do, as far as it can be told from the policy alone. */
export type Verdict =
  | { kind: 'read-only' }
  | { kind: 'writes'; where: string }
  | { kind: 'undecided'; where: string };

/**
 * Whether a policy allows reading alone. A service that is not named follows the default strategy; of a service's rules the
 * first that holds decides. So a policy reads only when its default is to deny and every rule that allows is about operations
 * that read. https://community.exoscale.com/product/iam/how-to/policy-guide/
 */
export function judgePolicy({ 'default-service-strategy': otherwise, services }: Policy): Verdict {
  if (otherwise !== 'deny') return { kind: 'writes', where: 'whatever its policy does not name is allowed' };
  const verdicts = Object.entries(services).flatMap(([service, { type, rules = [] }]): Verdict[] => {
    if (type === 'deny') return [];
    if (type === 'allow') return [{ kind: 'writes', where: `all of ${service} is allowed` }];
    return rules
      .filter(({ action }) => action === 'allow')
      .map(({ expression = '' }) => judgeRule(service, expression));
  });
  return (
    verdicts.find(({ kind }) => kind === 'writes') ??
    verdicts.find(({ kind }) => kind === 'undecided') ?? { kind: 'read-only' }
  );
}

/**
 * Either side of an "or" must read; of an "and" one condition on the operation is enough. What is not understood to its last
 * character is undecided: in `a && b ? c : d` the question is asked last. https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
 */
function judgeRule(service: string, expression: string): Verdict {
  const where = `${service}: ${expression}`;
  const { text, literals } = withoutLiterals(expression);
  if (text === 'true') return { kind: 'writes', where };
  if (/[?"'\\]|\/\//.test(text)) return { kind: 'undecided', where };
  const sides = split(text, '||')?.map(side => split(side, '&&')?.map(atom => judgeAtom(atom, literals)));
  if (sides?.every(atoms => atoms?.includes('reads'))) return { kind: 'read-only' };
  return sides?.some(atoms => atoms?.every(atom => atom === 'writes'))
    ? { kind: 'writes', where }
    : { kind: 'undecided', where };
}

/** `operation == 'x'` → `operation == #0`, and `x` apart. A literal that is not plain keeps its quotes. */
function withoutLiterals(expression: string): { text: string; literals: string[] } {
  const literals: string[] = [];
  const text = expression.replaceAll(/"""|'''|(["'])([^"'\\\n]*)\1/g, (whole, quote, literal) =>
    quote === undefined ? whole : `#${literals.push(literal) - 1}`,
  );
  return { text: text.trim(), literals };
}

const reads = /^(list|get|head|describe)-/;

function judgeAtom(text: string, literals: readonly string[]): 'reads' | 'writes' | undefined {
  const named = (place: string) => literals[Number(place)] ?? '';
  const [, begin] = /^operation\.startsWith\( *#(\d+) *\)$/.exec(text) ?? [];
  if (begin !== undefined) return reads.test(named(begin)) ? 'reads' : undefined;
  const [, one, list] = /^operation *(?:== *#(\d+)|in *\[ *(#\d+(?: *, *#\d+)*) *\])$/.exec(text) ?? [];
  const places = one ?? list;
  if (places === undefined) return undefined;
  return [...places.matchAll(/\d+/g)].every(([place]) => reads.test(named(place))) ? 'reads' : 'writes';
}

/** Splits at an operator that stands in no parentheses or brackets; outer ones go. Undefined where they are not in pairs. */
function split(expression: string, operator: '||' | '&&'): string[] | undefined {
  const text = bare(expression.trim());
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    if (depth < 0) return undefined;
    if (depth > 0 || !text.startsWith(operator, at)) continue;
    parts.push(text.slice(from, at).trim());
    from = at + operator.length;
    at++;
  }
  return depth === 0 ? [...parts, text.slice(from).trim()] : undefined;
}

/** `(a || b)` → `a || b`; `(a) || (b)` stays. */
function bare(text: string): string {
  if (!text.startsWith('(') || !text.endsWith(')')) return text;
  let depth = 0;
  for (let at = 0; at < text.length - 1; at++) {
    if (text[at] === '(') depth++;
    if (text[at] === ')') depth--;
    if (depth === 0) return text;
  }
  return bare(text.slice(1, -1).trim());
}
