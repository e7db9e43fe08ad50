import { shown } from '../runner/text.ts';

/** The rule is not one that Traefik takes; the message completes "the rule is not understood: …". */
export class RuleError extends Error {
  override name = 'RuleError';
}

export interface Token {
  kind: 'name' | 'string' | 'sign' | 'end';
  /** Of a string its value. */
  text: string;
  shown: string;
}
export const end: Token = { kind: 'end', text: '', shown: 'the end' };

const lexemes =
  /(?<blank>[ \t\r]+|\/\*[^\n]*?\*\/)|(?<newline>\n)|(?<name>[A-Za-z_]\w*)|`(?<raw>[^`]*)`|(?<quoted>"(?:[^"\\\n]|\\.)*")|(?<sign>&&|\|\||[!(),])/uy;

/** @throws RuleError for what is no part of a rule */
export function tokenise(rule: string): Token[] {
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
      tokens.push({ kind: 'name', text: found.name, shown: shown(found.name) });
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
      throw new RuleError(`${shown(literal)} has an escape that is not understood`);
    });
}

const escapes: Record<string, string> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  ...{ '\\': '\\', '"': '"' },
};
