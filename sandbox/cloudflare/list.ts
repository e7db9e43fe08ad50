import { Type } from 'typebox';
import type { DnsRecord } from './record.ts';

const text = Type.Optional(Type.String());
const count = Type.Optional(Type.String({ pattern: '^[1-9][0-9]*$' }));
const order = Type.Optional(Type.Enum(['asc', 'desc']));
const match = Type.Optional(Type.Enum(['any', 'all']));

const texts = ['name', 'content', 'comment'] as const;
const comparisons = ['exact', 'contains', 'startswith', 'endswith'] as const;
const textFilters = texts.flatMap(field => comparisons.map(comparison => `${field}.${comparison}`));

/** The queries of the two lists; the API has more filters (tags, shadowing), which no test has needed. */
export const queries = {
  records: Type.Object(
    {
      ...{ page: count, per_page: count, direction: order, match, name: text, content: text, type: text },
      ...Object.fromEntries(textFilters.map(filter => [filter, text])),
      ...{ 'comment.absent': text, 'comment.present': text, search: text },
      proxied: Type.Optional(Type.Enum(['true', 'false'])),
      order: Type.Optional(Type.Enum(['type', 'name', 'content', 'ttl', 'proxied'])),
    },
    { additionalProperties: false },
  ),
  zones: Type.Object(
    {
      ...{ page: count, per_page: count, direction: order, match, name: text, status: text, order: text },
      ...{ 'account.id': text, 'account.name': text },
    },
    { additionalProperties: false },
  ),
};
export type Query = Record<string, string | undefined>;

/** The records that a query asks for, in its order, before paging. Filters take no notice of case. */
export function select(records: readonly DnsRecord[], query: Query): DnsRecord[] {
  const filters = filtersOf(query);
  const all = query.match !== 'any';
  const found = records.filter(record =>
    filters.length === 0
      ? true
      : all
        ? filters.every(filter => filter(record))
        : filters.some(filter => filter(record)),
  );
  const by = (query.order ?? 'type') as 'type' | 'name' | 'content' | 'ttl' | 'proxied';
  const sign = query.direction === 'desc' ? -1 : 1;
  return found.sort((a, b) => sign * compare(a[by], b[by]));
}

type Filter = (record: DnsRecord) => boolean;

function filtersOf(query: Query): Filter[] {
  const filters: Filter[] = [];
  for (const field of texts) {
    for (const comparison of comparisons) {
      const wanted = query[`${field}.${comparison}`] ?? (comparison === 'exact' ? query[field] : undefined);
      if (wanted === undefined) continue;
      filters.push(record => compares[comparison]((record[field] ?? '').toLowerCase(), wanted.toLowerCase()));
    }
  }
  if (query.type !== undefined) filters.push(({ type }) => type === query.type?.toUpperCase());
  if (query.proxied !== undefined) filters.push(({ proxied }) => String(proxied) === query.proxied);
  if (query['comment.absent'] !== undefined) filters.push(({ comment }) => comment === null);
  if (query['comment.present'] !== undefined) filters.push(({ comment }) => comment !== null);
  if (query.search !== undefined) {
    const wanted = query.search.toLowerCase();
    filters.push(({ name, content, comment }) =>
      `${name} ${content} ${comment ?? ''}`.toLowerCase().includes(wanted),
    );
  }
  return filters;
}

const compares = {
  exact: (value: string, wanted: string) => value === wanted,
  contains: (value: string, wanted: string) => value.includes(wanted),
  startswith: (value: string, wanted: string) => value.startsWith(wanted),
  endswith: (value: string, wanted: string) => value.endsWith(wanted),
};

const compare = <T extends string | number | boolean>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/** One page and what the API says of it. More than `most` on a page is not granted, and `per_page` says so. */
export function page<T>(all: readonly T[], query: Query, usual: number, most: number) {
  const number = Number(query.page ?? 1);
  const size = Math.min(Number(query.per_page ?? usual), most);
  const result = all.slice((number - 1) * size, number * size);
  return {
    result,
    info: {
      page: number,
      per_page: size,
      count: result.length,
      total_count: all.length,
      total_pages: Math.ceil(all.length / size),
    },
  };
}
