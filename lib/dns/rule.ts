/**
 * The hosts that a Traefik rule lets in. Rules are expressions in Go's syntax of calls with strings, joined by `&&`, `||`
 * and `!`: https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/
 */
export interface RuleHosts {
  /** As written, wildcards (`*.example.com`) included. */
  hosts: string[];
  /** Regular expressions: no record can be made of them. */
  patterns: string[];
}

/** The rule is not one that Traefik takes; the message completes "the rule is not understood: …". */
export class RuleError extends Error {
  override name = 'RuleError';
}

/** @throws RuleError */
export function hostsOf(rule: string): RuleHosts {
  const tokens = tokenise(rule);
  const found: RuleHosts = { hosts: [], patterns: [] };
  let at = 0;

  const next = () => tokens[at] ?? end;
  const fail = (wanted: string): never => {
    throw new RuleError(`${wanted} expected, ${next().shown} found`);
  };
  const take = (text: string): boolean => {
    if (next().kind !== 'sign' || next().text !== text) return false;
    at++;
    return true;
  };

  function call(negated: boolean): void {
    const { kind, text } = next();
    const matcher = text.toLowerCase();
    if (kind !== 'name' || !matchers.has(matcher)) fail('a matcher such as Host(`…`)');
    at++;
    if (!take('(')) fail('"("');
    const values: string[] = [];
    while (!take(')')) {
      if (next().kind !== 'string') fail('a string in backticks or double quotes');
      values.push(next().text);
      at++;
      if (!take(',') && next().text !== ')') fail('"," or ")"');
    }
    if (values.length === 0) throw new RuleError(`${text}() has no value`);
    if (negated) return;
    if (exact.has(matcher)) found.hosts.push(...values);
    if (pattern.has(matcher)) found.patterns.push(...values);
  }

  // Only whether a name is negated matters here, so `&&` and `||` are alike. By De Morgan `!( … )` negates every leaf.
  const groups: boolean[] = [];
  let within = false;
  do {
    let negated: boolean = within;
    for (let opened = true; opened; ) {
      while (take('!')) negated = !negated;
      opened = take('(');
      if (!opened) continue;
      groups.push(within);
      within = negated;
    }
    call(negated);
    while (groups.length > 0 && take(')')) within = groups.pop() ?? false;
  } while (take('&&') || take('||'));
  if (groups.length > 0) fail('")"');
  take('\n');
  if (next() !== end) fail('"&&", "||" or the end');
  return found;
}

const exact = new Set(['host', 'hostheader', 'hostsni']);
const pattern = new Set(['hostregexp', 'hostsniregexp']);
const matchers = new Set([
  ...[...exact, ...pattern, 'method', 'path', 'pathprefix', 'pathregexp', 'clientip', 'alpn'],
  ...['header', 'headers', 'headerregexp', 'headersregexp', 'query', 'queryregexp'],
]);

interface Token {
  kind: 'name' | 'string' | 'sign' | 'end';
  /** Of a string its value. */
  text: string;
  shown: string;
}
const end: Token = { kind: 'end', text: '', shown: 'the end' };

const lexemes =
  /(?<blank>[ \t\r]+)|(?<newline>\n)|(?<name>[A-Za-z_]\w*)|`(?<raw>[^`]*)`|(?<quoted>"(?:[^"\\\n]|\\.)*")|(?<sign>&&|\|\||[!(),])/uy;

function tokenise(rule: string): Token[] {
  const tokens: Token[] = [];
  lexemes.lastIndex = 0;
  while (lexemes.lastIndex < rule.length) {
    const from = lexemes.lastIndex;
    const found = lexemes.exec(rule)?.groups;
    if (!found) {
      const rest = JSON.stringify([...rule.slice(from)].slice(0, 12).join(''));
      throw new RuleError(`${rest} at character ${from + 1} is no part of a rule`);
    }
    if (found.name !== undefined) {
      tokens.push({ kind: 'name', text: found.name, shown: found.name });
    } else if (found.raw !== undefined) {
      tokens.push({ kind: 'string', text: found.raw.replaceAll('\r', ''), shown: 'a string' });
    } else if (found.quoted !== undefined) {
      tokens.push({ kind: 'string', text: unquote(found.quoted), shown: 'a string' });
    } else if (found.sign !== undefined) {
      tokens.push({ kind: 'sign', text: found.sign, shown: `"${found.sign}"` });
    } else if (found.newline !== undefined && endsStatement(tokens.at(-1))) {
      // Go puts a semicolon here, so what follows on the next line is no longer part of the rule.
      tokens.push({ kind: 'sign', text: '\n', shown: 'the end of the line' });
    }
  }
  return tokens;
}

const endsStatement = (last: Token | undefined): boolean =>
  last?.kind === 'name' || last?.kind === 'string' || last?.text === ')';

function unquote(literal: string): string {
  try {
    return JSON.parse(literal) as string;
  } catch {
    throw new RuleError(`${literal} has an escape that is not understood`);
  }
}
