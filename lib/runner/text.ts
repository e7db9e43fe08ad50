/** `850 ms`, `4.2 s`, `3 min 05 s`: how long something took, as a person says it. */
export function elapsed(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** Lines of at most so many columns, broken between words; a narrow terminal breaks the rest itself. */
export function wrapped(text: string, columns: number): string[] {
  if (columns < 30) return [text];
  const all: string[] = [];
  for (const word of text.split(' ')) {
    const last = all.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns)
      all[all.length - 1] = `${last} ${word}`;
    else all.push(word);
  }
  return all;
}

// Shorter values ("a", "true", "1") stand in ordinary text: hiding them would hide the log.
const shortest = 6;

/**
 * A secret in every shape in which it may reach a log: as it is, each of its lines, in JSON, base64, base64url, hex and URL
 * encoding, as JavaScript and as Go write them. In the base64 of a longer text it stands in one of three ways.
 */
export function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  const url = encodeURIComponent(secret);
  const shapes = [
    secret,
    secret.trim(),
    // The frame of a PEM is no secret, and stands in many harmless places.
    ...secret.split(/\r?\n/).map(line => (line.startsWith('-----') ? '' : line.trim())),
    json,
    // https://pkg.go.dev/encoding/json#HTMLEscape, as in Terraform's jsonencode
    json.replace(/[<>&\u2028\u2029]/g, escaped),
    ...[bytes.toString('base64'), ...[0, 1, 2].map(before => inBase64(bytes, before))].flatMap(text => [
      text,
      text.replace(/=+$/, ''),
      text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'),
    ]),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    url,
    // https://pkg.go.dev/net/url#QueryEscape, as in Terraform's urlencode
    url.replaceAll('%20', '+').replace(/[!'()*]/g, character => `%${hex(character).toUpperCase()}`),
  ];
  return [...new Set(shapes)].filter(shape => shape.length >= shortest).sort((a, b) => b.length - a.length);
}

const hex = (character: string): string => character.charCodeAt(0).toString(16);

const escaped = (character: string): string => `\\u${hex(character).padStart(4, '0')}`;

/** What the base64 of a text has in it wherever these bytes stand behind so many others (modulo 3). */
function inBase64(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}

/**
 * Text that GitHub's runner prints and does not obey: it takes `::command::` at the beginning of a line and `##[command]`
 * anywhere in it, and what we print may come from a plan, a cluster or a stranger's pull request.
 * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export const inert = (text: string): string =>
  // .NET takes U+0085 for a blank, and JavaScript does not.
  text.replace(/^([\s\u0085]*)::/gm, '$1\u200b::').replaceAll('##[', '##\u200b[');

/**
 * Text of strangers as a part of a sentence: on one line, in the direction of the rest, and no longer than anybody reads.
 * @param most characters
 */
export function shown(text: string, most = 80): string {
  const cut =
    text.length <= most
      ? text
      : `${text
          .slice(0, most - 1)
          .toWellFormed()
          .replace(/\ufffd$/, '')}…`;
  return cut.replace(
    /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    character => plainEscapes[character] ?? escaped(character),
  );
}

const plainEscapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
