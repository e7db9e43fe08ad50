import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Products } from '../tables.ts';
import { type Position, readCursor, type Sort, writeCursor } from './cursor.ts';
import { trigram } from './trigram.ts';

export interface Query {
  q?: string;
  category?: string;
  sort: Sort;
  limit: number;
  cursor?: string;
}

export interface Page {
  rows: Selectable<Products>[];
  next: string | null;
}

const lowerName = sql<string>`lower(name)`;

/** How each sort orders, where it goes on, and what it goes on from. Ids are UUIDv7: the newest is the greatest. */
const orders: Record<
  Sort,
  {
    by: RawBuilder<unknown>;
    after: (position: Position) => RawBuilder<boolean>;
    key: (row: Selectable<Products> & { lower_name: string }) => Position['key'];
  }
> = {
  newest: { by: sql`id DESC`, after: ({ id }) => sql`id < ${id}`, key: () => null },
  name: {
    by: sql`lower(name), id`,
    after: ({ key, id }) => sql`(lower(name), id) > (${key}::text, ${id}::uuid)`,
    key: row => row.lower_name,
  },
  price: {
    by: sql`price_minor, id`,
    after: ({ key, id }) => sql`(price_minor, id) > (${key}::int, ${id}::uuid)`,
    key: row => row.price_minor,
  },
  '-price': {
    by: sql`price_minor DESC, id DESC`,
    after: ({ key, id }) => sql`(price_minor, id) < (${key}::int, ${id}::uuid)`,
    key: row => row.price_minor,
  },
};

/** A page that goes on where the one before ended, whatever was added or taken away meanwhile (keyset). */
export async function listProducts({ db, pool }: Context, query: Query): Promise<Page> {
  const { by, after, key } = orders[query.sort];
  const position = query.cursor === undefined ? undefined : readCursor(query.sort, query.cursor);
  const matching = query.q === undefined ? undefined : matches(query.q, await trigram(pool));
  const rows = await db
    .selectFrom('product.products')
    .selectAll()
    .select(lowerName.as('lower_name'))
    .where('deleted_at', 'is', null)
    .$if(query.category !== undefined, each => each.where('category', '=', query.category ?? ''))
    .$if(matching !== undefined, each => each.where(matching ?? sql<boolean>`true`))
    .$if(position !== undefined, each => each.where(after(position ?? { key: null, id: '' })))
    .orderBy(by)
    .limit(query.limit + 1)
    .execute();
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  const next =
    rows.length > query.limit && last ? writeCursor(query.sort, { key: key(last), id: last.id }) : null;
  return { rows: page, next };
}

/** Whole words anywhere, parts of the name, and, where the server can, names that are spelt alike. */
export function matches(q: string, extension: string | undefined): RawBuilder<boolean> {
  const part = `%${q.replace(/[\\%_]/g, '\\$&')}%`;
  const alike = extension ? sql`OR ${q} OPERATOR(${sql.id(extension)}.<%) name` : sql``;
  return sql`(search @@ websearch_to_tsquery('simple', ${q}) OR name ILIKE ${part} ${alike})`;
}
