import { end, RuleError, type Token, tokenise } from './tokens.ts';

export { RuleError };

/** A rule as a tree. `!( … )` has gone down to the matchers, as De Morgan has it; `all` and `any` take turns. */
export type Rule = Matcher | { kind: 'all' | 'any'; rules: Rule[] };

export interface Matcher {
  kind: 'matcher';
  /** As Traefik documents it, however the rule spells it: `Host`, `PathPrefix`. */
  name: string;
  /** One or more, none of them empty. */
  values: string[];
  negated: boolean;
}

/**
 * Reads a rule of a router for HTTP or TCP: an expression in Go's syntax of calls with strings, joined by `&&`, `||` and `!`.
 * https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/
 * @throws RuleError
 */
export function parseRule(text: string): Rule {
  const tokens = tokenise(text);
  let at = 0;
  let depth = 0;

  const next = (): Token => tokens[at] ?? end;
  const fail = (wanted: string): never => {
    throw new RuleError(`${wanted} expected, ${next().shown} found`);
  };
  const take = (sign: string): boolean => {
    if (next().kind !== 'sign' || next().text !== sign) return false;
    at++;
    return true;
  };

  const either = (negated: boolean): Rule => joined('||', negated ? 'all' : 'any', () => both(negated));
  const both = (negated: boolean): Rule => joined('&&', negated ? 'any' : 'all', () => one(negated));
  function joined(sign: string, kind: 'all' | 'any', part: () => Rule): Rule {
    const rules = [part()];
    while (take(sign)) rules.push(part());
    const [first, ...others] = rules.flatMap(rule => (rule.kind === kind ? rule.rules : rule));
    return first && others.length === 0 ? first : { kind, rules: [first, ...others] as Rule[] };
  }
  function one(outside: boolean): Rule {
    let negated = outside;
    while (take('!')) negated = !negated;
    if (!take('(')) return matcher(negated);
    if (++depth > deepest) throw new RuleError(`its brackets are nested deeper than ${deepest}`);
    const rule = either(negated);
    if (!take(')')) fail('")"');
    depth--;
    return rule;
  }
  function matcher(negated: boolean): Matcher {
    const { kind, text: spelt } = next();
    const name = matchers.get(spelt);
    if (kind !== 'name' || name === undefined) return fail('a matcher such as Host(`…`)');
    at++;
    if (!take('(')) fail('"("');
    const values: string[] = [];
    while (!take(')')) {
      if (next().kind !== 'string') fail('a string in backticks or double quotes');
      values.push(next().text);
      at++;
      if (!take(',') && next().text !== ')') fail('"," or ")"');
    }
    if (values.length === 0 || values.includes('')) throw new RuleError(`${spelt}() has no value`);
    return { kind: 'matcher', name, values, negated };
  }

  const rule = either(false);
  take('\n');
  if (next() !== end) fail('"&&", "||" or the end');
  return rule;
}

// More than anybody writes, and few enough that whoever walks the tree has no need to mind.
const deepest = 500;

/** Every matcher of a rule, as they stand in it. */
export const matchersOf = (rule: Rule): Matcher[] =>
  rule.kind === 'matcher' ? [rule] : rule.rules.flatMap(matchersOf);

// Those of both syntaxes, HTTP and TCP, in each of the four ways in which Traefik lets them be written.
const matchers = new Map(
  [
    ...['Host', 'HostHeader', 'HostSNI', 'HostRegexp', 'HostSNIRegexp'],
    ...['Method', 'Path', 'PathPrefix', 'PathRegexp', 'ClientIP', 'ALPN'],
    ...['Header', 'Headers', 'HeaderRegexp', 'HeadersRegexp', 'Query', 'QueryRegexp'],
  ].flatMap(name => {
    const title = `${name.slice(0, 1)}${name.slice(1).toLowerCase()}`;
    return [name, name.toLowerCase(), name.toUpperCase(), title].map(way => [way, name] as const);
  }),
);
