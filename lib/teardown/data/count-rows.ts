import type { Readable } from 'node:stream';
import { splitter } from '../../runner/lines.ts';

/** What a database's large objects are counted under, as no table can be called. */
export const largeObjects = 'large objects';

const name = '(?:"(?:[^"]|"")*"|[^\\s".(]+)';
const copy = new RegExp(`^COPY (${name}\\.${name})(?: .*)? FROM stdin;$`);

/** Counts the rows of each table in what `pg_restore --data-only` prints. */
export async function countRows(script: Readable): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const add = (what: string, more: number) => counts.set(what, (counts.get(what) ?? 0) + more);
  let table: string | undefined;
  const lines = splitter(line => {
    if (table !== undefined) {
      if (line === '\\.') table = undefined;
      else add(table, 1);
      return;
    }
    table = copy.exec(line)?.[1];
    if (table !== undefined) add(table, 0);
    else if (line.startsWith('SELECT pg_catalog.lo_open(')) add(largeObjects, 1);
  });
  for await (const chunk of script) lines.take(chunk as Buffer);
  lines.end();
  return counts;
}
