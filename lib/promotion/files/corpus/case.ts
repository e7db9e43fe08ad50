import type { Wanted } from '../wishes.ts';

/**
 * A file before and after, as a diff: what follows the first column is the file, byte for byte, and the first column says
 * whether a line stands in both (a blank), goes (-), or comes (+). A refused file has neither - nor +.
 */
export interface Case extends Wanted {
  name: string;
  /** `kustomization.yaml` unless told. */
  file?: string;
  text: string;
  /** Where and why nothing is written. */
  refused?: readonly [place: string, reason: RegExp];
}

export const d1 = `sha256:${'1'.repeat(64)}`;
export const d2 = `sha256:${'2'.repeat(64)}`;

export const before = ({ text }: Case): string => side(text, '+');
export const after = ({ text }: Case): string => side(text, '-');

const side = (text: string, other: '+' | '-'): string =>
  text
    .replace(/^\n/, '')
    .split('\n')
    .filter(line => !line.startsWith(other))
    .map(line => line.slice(1))
    .join('\n');

/** The bytes that editors and systems make of one and the same file. */
export const shapes: readonly { name: string; of(text: string): string }[] = ['LF', 'CRLF'].flatMap(ending =>
  ['', ', with a byte order mark'].flatMap(mark =>
    ['', ', without a newline at the end'].map(cut => ({
      name: `${ending}${mark}${cut}`,
      of(text: string) {
        const whole = ending === 'CRLF' ? text.replaceAll('\n', '\r\n') : text;
        return (mark ? '\ufeff' : '') + (cut ? whole.replace(/\r?\n$/, '') : whole);
      },
    })),
  ),
);
