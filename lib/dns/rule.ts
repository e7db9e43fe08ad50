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
    const matcher = matchers.get(text) ?? '';
    if (kind !== 'name' || matcher === '') fail('a matcher such as Host(`…`)');
    at++;
    if (!take('(')) fail('"("');
    const values: string[] = [];
    while (!take(')')) {
      if (next().kind !== 'string') fail('a string in backticks or double quotes');
      values.push(next().text);
      at++;
      if (!take(',') && next().text !== ')') fail('"," or ")"');
    }
    if (values.length === 0 || values.includes('')) throw new RuleError(`${text}() has no value`);
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

const exact = new Set(['Host', 'HostHeader', 'HostSNI']);
const pattern = new Set(['HostRegexp', 'HostSNIRegexp']);
// Those of both syntaxes, HTTP and TCP, in each of the four ways in which Traefik lets them be written.
const matchers = new Map(
  [
    ...[...exact, ...pattern, 'Method', 'Path', 'PathPrefix', 'PathRegexp', 'ClientIP', 'ALPN'],
    ...['Header', 'Headers', 'HeaderRegexp', 'HeadersRegexp', 'Query', 'QueryRegexp'],
  ].flatMap(name => {
    const title = `${name.slice(0, 1)}${name.slice(1).toLowerCase()}`;
    return [name, name.toLowerCase(), name.toUpperCase(), title].map(way => [way, name] as const);
  }),
);

interface Token {
  kind: 'name' | 'string' | 'sign' | 'end';
  /** Of a string its value. */
  text: string;
  shown: string;
}
const end: Token = { kind: 'end', text: '', shown: 'the end' };

const lexemes =
  /(?<blank>[ \t\r]+|\/\*[^\n]*?\*\/)|(?<newline>\n)|(?<name>[A-Za-z_]\w*)|`(?<raw>[^`]*)`|(?<quoted>"(?:[^"\\\n]|\\.)*")|(?<sign>&&|\|\||[!(),])/uy;

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

/** https://go.dev/ref/spec#String_literals; escapes of single bytes are left out, for no host has such bytes. */
function unquote(literal: string): string {
  return literal
    .slice(1, -1)
    .replaceAll(/\\(u[\da-fA-F]{4}|U[\da-fA-F]{8}|.)/g, (_, [kind = '', ...code]: string) => {
      const plain = escapes[kind];
      if (plain !== undefined) return plain;
      const point = code.length > 0 ? Number.parseInt(code.join(''), 16) : Number.NaN;
      const isCharacter = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
      if (isCharacter) return String.fromCodePoint(point);
      throw new RuleError(`${literal} has an escape that is not understood`);
    });
}

const escapes: Record<string, string> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  ...{ '\\': '\\', '"': '"' },
};
