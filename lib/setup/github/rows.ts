import { type Reading, type Row, rowsOf } from '../row.ts';
import { slugOf, type Wish } from '../wish.ts';

export const row = rowsOf('GitHub');

/** A page of the repository's. */
export const page = (wish: Wish, path: string): string => `https://github.com/${slugOf(wish)}/${path}`;

/** A row of what could be read, or of why it could not. */
export const readable = <T>(name: string, reading: Reading<T>, judge: (value: T) => Row): Row =>
  'value' in reading ? judge(reading.value) : row(name, 'unknown', `not read: ${reading.unreadable}`);
