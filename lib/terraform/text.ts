import { encodings } from '../runner/text.ts';

export type Scrub = (text: string) => string;

/** Replaces the secrets, in every shape in which they may stand in a text. */
export function scrubber(secrets: Iterable<string>): Scrub {
  const shapes = [...new Set([...secrets].flatMap(encodings))].sort((a, b) => b.length - a.length);
  if (shapes.length === 0) return text => text;
  const pattern = new RegExp(shapes.map(escaped).join('|'), 'g');
  return text => text.replace(pattern, '***');
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Shows what is invisible or turns the writing direction as an escape, so that a line stays one line and reads as it is. */
export const visible = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    character => `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`,
  );

/** At most so many UTF-16 units, never half a character. */
export const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;

/** GitHub counts characters; bytes are never fewer, and are what the job summary's limit is in. */
export const size = (text: string): number => Buffer.byteLength(text);

export const longestRun = (text: string): number =>
  Math.max(0, ...(text.match(/`+/g) ?? []).map(run => run.length));

/** Text as inline code: nothing in it is Markdown, a mention or an issue number. */
export function code(text: string): string {
  const ticks = '`'.repeat(longestRun(text) + 1);
  return ticks.length === 1 ? `\`${text}\`` : `${ticks} ${text} ${ticks}`;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
