import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** Which rows have ended well, over any number of runs. */
export interface Ledger {
  has(row: string): boolean;
  add(row: string): void;
}

/** @param file a row a line; made when the first has ended well. Without one nothing is known from before */
export function ledger(file: string): Ledger {
  const before = file !== '' && existsSync(file) ? readFileSync(file, 'utf8') : '';
  const known = new Set(before.split('\n').filter(Boolean));
  return {
    has: row => known.has(row),
    add(row) {
      known.add(row);
      if (file !== '') appendFileSync(file, `${row}\n`);
    },
  };
}
