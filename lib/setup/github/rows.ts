import { type Reading, type Row, rowsOf } from '../row.ts';
import { slugOf, type Wish } from '../wish.ts';
import { unread } from './ask.ts';

export const row = rowsOf('GitHub');

/** A page of the repository's. */
export const page = (wish: Wish, path: string): string => `https://github.com/${slugOf(wish)}/${path}`;

/** A row of what could be read, or of why it could not. */
export const readable = <T>(name: string, reading: Reading<T>, judge: (value: T) => Row): Row =>
  'value' in reading ? judge(reading.value) : unreadRow(name, reading.unreadable);

/** @param make whose row it is */
export function unreadRow(name: string, unreadable: string, make = row): Row {
  const { says, rest } = unread(unreadable);
  return make(name, 'unknown', `not read: ${says}`, rest);
}
