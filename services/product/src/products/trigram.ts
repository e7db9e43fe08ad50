import type pg from 'pg';

const found = new WeakMap<pg.Pool, Promise<string | undefined>>();

/** The schema that pg_trgm is installed in, or nothing. It is looked for once. */
export function trigram(pool: pg.Pool): Promise<string | undefined> {
  const known = found.get(pool);
  if (known) return known;
  const look = pool
    .query("SELECT extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname = 'pg_trgm'")
    .then(({ rows }) => rows[0]?.schema as string | undefined);
  found.set(pool, look);
  look.catch(() => found.delete(pool));
  return look;
}
