import type pg from 'pg';

/** For each connection: how alike two words must be. Two letters that have changed places are found with this. */
export const likeness = '-c pg_trgm.word_similarity_threshold=0.4';

const found = new WeakMap<pg.Pool, Promise<string | undefined>>();

/** The schema that pg_trgm is installed in, or nothing. It is looked for once. */
export function trigram(pool: pg.Pool): Promise<string | undefined> {
  const known = found.get(pool);
  if (known) return known;
  const look = pool
    .query(
      "SELECT nspname AS schema FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'pg_trgm'",
    )
    .then(({ rows }) => rows[0]?.schema as string | undefined);
  found.set(pool, look);
  look.catch(() => found.delete(pool));
  return look;
}
