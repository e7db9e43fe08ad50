import type { DnsRecord } from './cloudflare.ts';

export const pageSize = 5000;

/** One list of a zone from beginning to end. */
export interface Listing {
  records: DnsRecord[];
  pages: number;
}

interface Page<T> {
  result: T[];
  result_info: object;
}

/** @throws Error for a list that contradicts itself */
export async function allPages(fetch: (page: number) => Promise<Page<object>>): Promise<Listing> {
  const found = new Map<string, DnsRecord>();
  let announced: number | undefined;
  let pages = 1;
  for (let page = 1; page <= pages; page++) {
    const answer = complete(await fetch(page));
    for (const record of answer.result.map(shown)) {
      if (!record.id || !record.name || !record.type)
        throw new Error('a record came without an id, a name or a type');
      found.set(record.id, record);
    }
    pages = Math.max(pages, answer.pages);
    announced ??= answer.total;
    if (answer.total !== announced)
      throw new Error(`${announced} records were announced, and then ${answer.total}`);
  }
  // A record that came or went between two pages shifts the rest: the list would have a gap.
  if (found.size !== announced) throw new Error(`${found.size} records came, ${announced} were announced`);
  return { records: [...found.values()], pages };
}

/**
 * The client takes any answer with status 200 for a page, an HTML one for an empty page.
 * @throws Error for a page that does not say how many there are, or that it is one
 */
export function complete<T>(page: Page<T>): { result: T[]; pages: number; total: number } {
  const info = page.result_info as { total_count?: number; total_pages?: number; per_page?: number };
  const { total_count: total, per_page: size = pageSize } = info;
  // The client keeps the whole answer to itself, and makes an empty list of none.
  const { success, result } =
    (page as unknown as { body?: { success?: unknown; result?: unknown } }).body ?? {};
  if (typeof total !== 'number' || !Array.isArray(result) || success !== true)
    throw new Error('the answer is no list');
  return { result: page.result, total, pages: info.total_pages ?? Math.ceil(total / size) };
}

const shown = (record: Partial<DnsRecord>): DnsRecord => ({
  id: record.id ?? '',
  name: record.name ?? '',
  type: record.type ?? '',
  content: record.content ?? '',
  ttl: record.ttl ?? 1,
  proxied: record.proxied ?? false,
  comment: record.comment ?? null,
});
