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

/** As many of a list as a reader takes in. */
export const some = (items: readonly string[], most = 20): string[] =>
  items.length <= most ? [...items] : [...items.slice(0, most), `and ${items.length - most} more`];
