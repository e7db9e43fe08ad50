import { encodings } from '../runner/text.ts';
import { search } from './search.ts';

export type Scrub = (text: string) => string;

/** Replaces the secrets, in every shape in which they may stand in a text. */
export function scrubber(secrets: Iterable<string>): Scrub {
  const shapes = [...secrets].flatMap(encodings);
  if (shapes.length === 0) return text => text;
  const found = search(shapes);
  return text => {
    let clean = '';
    let copied = 0;
    for (let at = 0; at < text.length; at++) {
      const length = found(text, at);
      if (length === 0) continue;
      let end = at + length;
      // Another one may begin in this one: half of a secret is still one.
      for (let inside = at + 1; inside < end; inside++) end = Math.max(end, inside + found(text, inside));
      clean += `${text.slice(copied, at)}***`;
      copied = end;
      at = end - 1;
    }
    return copied === 0 ? text : clean + text.slice(copied);
  };
}

/** Shows what is invisible or turns the writing direction as an escape, so that a line stays one line and reads as it is. */
export const visible = (text: string): string =>
  isPlain(text)
    ? text
    : text.replace(
        /(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
        character => `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`,
      );

// Most texts are, and this is quicker to find out.
const isPlain = (text: string): boolean => /^[\t -~]*$/.test(text);

/** At most so many UTF-16 units, never half a character. */
export const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;

/** GitHub counts characters; bytes are never fewer, and are what the job summary's limit is in. */
export const size = (text: string): number => Buffer.byteLength(text);

/** Of backticks. */
export function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}

/** Text as inline code: nothing in it is Markdown, a mention or an issue number. */
export function code(text: string): string {
  const ticks = '`'.repeat(longestRun(text) + 1);
  return ticks.length === 1 ? `\`${text}\`` : `${ticks} ${text} ${ticks}`;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
