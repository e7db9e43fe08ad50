import { Problem } from '../server/problem.ts';

export const sorts = ['newest', 'name', 'price', '-price'] as const;
export type Sort = (typeof sorts)[number];

/** Where a page ended: the sort key of its last product, and its id. */
export interface Position {
  key: string | number | null;
  id: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const isKey: Record<Sort, (key: unknown) => boolean> = {
  newest: key => key === null,
  name: key => typeof key === 'string' && !key.includes('\0'),
  price: key => Number.isInteger(key) && Math.abs(key as number) < 2 ** 31,
  '-price': key => Number.isInteger(key) && Math.abs(key as number) < 2 ** 31,
};

export const writeCursor = (sort: Sort, { key, id }: Position): string =>
  Buffer.from(JSON.stringify([sort, key, id])).toString('base64url');

/** @throws {Problem} 400 when it is none of ours, or of another sort */
export function readCursor(sort: Sort, cursor: string): Position {
  try {
    const [of, key, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (of === sort && isKey[sort](key) && typeof id === 'string' && uuid.test(id)) return { key, id };
  } catch {
    // not even JSON
  }
  throw new Problem(400, 'invalid-cursor', 'This cursor is none that this list gave out: begin without one.');
}
