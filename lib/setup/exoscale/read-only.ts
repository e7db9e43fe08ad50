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

/** Either side of an "or" must read; of an "and" one condition on the operation is enough. */
function judgeRule(service: string, expression: string): Verdict {
  const where = `${service}: ${expression}`;
  if (expression.trim() === 'true') return { kind: 'writes', where };
  const sides = split(expression, '||').map(side => split(side, '&&').map(judgeAtom));
  if (sides.every(atoms => atoms.includes('reads'))) return { kind: 'read-only' };
  return sides.some(atoms => atoms.every(atom => atom === 'writes'))
    ? { kind: 'writes', where }
    : { kind: 'undecided', where };
}

const reads = /^(list|get|head|describe)-/;
const quoted = /(["'])(.*?)\1/g;

function judgeAtom(text: string): 'reads' | 'writes' | undefined {
  const [, begin] = /^operation\.startsWith\( *["']([^"']*)["'] *\)$/.exec(text) ?? [];
  if (begin !== undefined) return reads.test(begin) ? 'reads' : undefined;
  if (!/^operation *(==|in) *(["'[]).*$/s.test(text)) return undefined;
  const names = [...text.matchAll(quoted)].map(([, , name = '']) => name);
  if (names.length === 0) return undefined;
  return names.every(name => reads.test(name)) ? 'reads' : 'writes';
}

/** Splits at an operator of CEL that stands in no parentheses, brackets or quotes; outer parentheses go. */
function split(expression: string, operator: '||' | '&&'): string[] {
  const text = bare(expression.trim());
  const parts: string[] = [];
  let [depth, quote, from] = [0, '', 0];
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    else if (depth === 0 && text.startsWith(operator, at)) {
      parts.push(text.slice(from, at).trim());
      from = at + operator.length;
      at++;
    }
  }
  return [...parts, text.slice(from).trim()];
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
