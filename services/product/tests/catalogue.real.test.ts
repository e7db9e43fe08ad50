import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase } from '../src/database/kysely.ts';
import { matches } from '../src/products/list.ts';
import { trigram } from '../src/products/trigram.ts';
import type { Answer } from '../src/testing/client.ts';
import { freshDatabase } from '../src/testing/database.ts';
import { query } from '../src/testing/postgres.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

interface Listed {
  id: string;
  name: string;
  priceMinor: number;
}
/** The names on all pages, following the links. */
async function listed(path: string): Promise<Listed[]> {
  const all: Listed[] = [];
  for (let next: string | undefined = path; next; ) {
    const answer: Answer = await world.ask('GET', next);
    if (answer.status !== 200) throw new Error(answer.text);
    all.push(...answer.body.products);
    next = /<(.*)>; rel="next"/.exec(String(answer.headers.link))?.[1];
    expect(answer.body.next === null).toBe(next === undefined);
  }
  return all;
}
const names = async (path: string) => (await listed(path)).map(product => product.name);
const as = () => world.asAdmin();
const write = async (method: string, id: string, body?: unknown, ifMatch?: string) =>
  world.ask(method, `/products/${id}`, {
    as: await as(),
    body,
    headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
  });

describe('the list', () => {
  const category = 'paged';
  beforeAll(async () => {
    await world.ask('PUT', `/products/categories/${category}`, { as: await as(), body: { name: 'Paged' } });
    const made = [
      ['apple', 300],
      ['Banana', 100],
      ['cherry', 200],
      ['äpfel', 200],
      ['apple', 200],
    ] as const;
    for (const [name, priceMinor] of made) await world.product({ name, priceMinor, category });
    await world.product({ name: 'elsewhere' });
  });

  test.each([
    ['newest', ['apple', 'äpfel', 'cherry', 'Banana', 'apple']],
    ['name', ['apple', 'apple', 'Banana', 'cherry', 'äpfel']],
  ])('by %s, whatever the size of a page', async (sort, expected) => {
    for (const limit of [1, 2, 3, 100])
      expect(await names(`/products?category=${category}&sort=${sort}&limit=${limit}`)).toEqual(expected);
  });

  test.each([
    ['price', 1],
    ['-price', -1],
  ] as const)('by %s', async (sort, sign) => {
    for (const limit of [1, 2, 100]) {
      const found = await listed(`/products?category=${category}&sort=${sort}&limit=${limit}`);
      const prices = found.map(product => product.priceMinor);
      expect(prices).toEqual([100, 200, 200, 200, 300].sort((a, b) => sign * (a - b)));
      expect(new Set(found.map(product => product.id)).size).toBe(5);
    }
  });

  test('a page goes on where it ended, whatever came and went meanwhile', async () => {
    const first = await world.ask('GET', `/products?category=${category}&sort=name&limit=2`);
    await world.product({ name: 'aaa', category });
    const [{ id }] = first.body.products;
    await write('DELETE', id, undefined, '*');
    const rest = await names(String(first.headers.link).match(/<(.*)>/)?.[1] ?? '');
    expect(rest).toEqual(['Banana', 'cherry', 'äpfel']);
  });

  test.each([
    'limit=0',
    'limit=101',
    'limit=x',
    'sort=stock',
    'page=2',
    'cursor=abc',
    'q=',
    'q=%00',
    'category=A%20B',
    'limit=1&limit=2',
    `cursor=${Buffer.from('["newest",null,"x"]').toString('base64url')}`,
    `cursor=${Buffer.from('["price",1,"0198c1f2-7c3b-7aaa-8a5e-0d9c3b1f2a44"]').toString('base64url')}`,
  ])('?%s: 400', async text => {
    expect((await world.ask('GET', `/products?${text}`)).status).toBe(400);
  });

  test('money is whole numbers', async () => {
    for (const product of await listed('/products')) expect(Number.isInteger(product.priceMinor)).toBe(true);
    expect(
      (await world.ask('POST', '/products', { as: await as(), body: { name: 'x', priceMinor: 9.99 } }))
        .status,
    ).toBe(400);
  });
});

describe('searching', () => {
  beforeAll(async () => {
    await world.product({ name: 'Sencha green tea', description: 'From the hills of Shizuoka' });
    await world.product({ name: 'Earl Grey', description: 'Black tea with bergamot' });
    await world.product({ name: '100% cotton towel' });
  });
  test.each([
    ['sencha', ['Sencha green tea']],
    ['TEA', ['Earl Grey', 'Sencha green tea']],
    ['bergamot -green', ['Earl Grey']],
    ['gre', ['Earl Grey', 'Sencha green tea']],
    ['senhca', ['Sencha green tea']],
    ['100%', ['100% cotton towel']],
    ["'); DROP TABLE product.products; --", []],
    ['"unbalanced & (', []],
  ])('%s', async (q, expected) => {
    const found = await names(`/products?sort=name&q=${encodeURIComponent(q)}`);
    // Words that are spelt alike may find more; what is looked for must be there.
    expect(found).toEqual(expect.arrayContaining(expected));
    if (expected.length === 0) expect(found).toEqual([]);
  });

  test('can be done by indexes alone', async () => {
    const plan = await createDatabase(world.pool)
      .transaction()
      .execute(async transaction => {
        await sql`SET LOCAL enable_seqscan = off`.execute(transaction); // dear, where there is hardly anything
        const found = matches('senhca', await trigram(world.pool));
        return sql`EXPLAIN SELECT 1 FROM product.products WHERE ${found}`.execute(transaction);
      });
    const text = JSON.stringify(plan.rows);
    expect(text).toContain('on products_by_search');
    expect(text.match(/on products_by_likeness/g)).toHaveLength(2);
    expect(text).not.toContain('Seq Scan');
  });

  test('works without pg_trgm, but for misspelt words', async () => {
    const url = await freshDatabase();
    await query(url, 'DROP EXTENSION pg_trgm CASCADE'); // with its index
    const plain = await openWorld({ url });
    try {
      await plain.product({ name: 'Sencha green tea' });
      const found = async (q: string) => (await plain.ask('GET', `/products?q=${q}`)).body.products.length;
      expect([await found('sencha'), await found('ench'), await found('senhca')]).toEqual([1, 1, 0]);
    } finally {
      await plain.close();
    }
  });
});

describe('a product', () => {
  test('is sent once, until anything about it changes', async () => {
    const id = await world.product();
    const get = (tag?: string) =>
      world.ask('GET', `/products/${id}`, { headers: tag ? { 'if-none-match': tag } : {} });
    const first = await get();
    const tag = String(first.headers.etag);
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const again = await get(known);
      expect([again.status, again.text, again.headers.etag]).toEqual([304, '', tag]);
    }
    expect((await get('"other"')).status).toBe(200);
    await world.ask('POST', `/products/${id}/stock-adjustments`, {
      as: await as(),
      body: { delta: -1, reason: 'broken' },
    });
    expect([(await get(tag)).status, (await get(tag)).body.stock]).toEqual([200, 99]);
  });

  test('is changed by who has seen what it is', async () => {
    const id = await world.product({ name: 'One', description: 'first' });
    const tag = String((await world.ask('GET', `/products/${id}`)).headers.etag);
    const patch = (body: object, ifMatch?: string) => write('PATCH', id, body, ifMatch);
    expect((await patch({ name: 'Two' })).status).toBe(428);
    for (const stale of ['"0-0"', 'W/"1-100"', '"x"', '', '"99999999999999999999-1"'])
      expect([stale, (await patch({ name: 'Two' }, stale)).status]).toEqual([stale, 412]);
    const changed = await patch({ name: 'Two' }, `"0-0", ${tag}`);
    expect([changed.status, changed.body.name, changed.body.description]).toEqual([200, 'Two', 'first']);
    expect(changed.headers.etag).not.toBe(tag);
    expect((await patch({ name: 'Three' }, tag)).status).toBe(412);
    expect((await patch({ name: 'Three' }, '*')).status).toBe(200);
  });

  test('of two changes at once one is made', async () => {
    const id = await world.product();
    const tag = String((await world.ask('GET', `/products/${id}`)).headers.etag);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, turn) => write('PATCH', id, { name: `Turn ${turn}` }, tag)),
    );
    expect(answers.map(answer => answer.status).sort()).toEqual([200, ...Array(9).fill(412)]);
  });

  test('is written anew as a whole, and its stock stays', async () => {
    const id = await world.product({ description: 'old', stock: 5 });
    const whole = {
      name: 'New',
      description: '',
      category: null,
      priceMinor: 1,
      imageUrl: 'https://img.example.com/a.avif',
    };
    expect((await write('PUT', id, { name: 'New' }, '*')).status).toBe(400);
    expect((await write('PUT', id, whole, '*')).body).toMatchObject({ ...whole, stock: 5 });
    const own = { imageUrl: '/pictures/mug.svg' };
    expect((await write('PATCH', id, own, '*')).body).toMatchObject(own);
  });

  test('that is taken off the shelves is gone for everybody, but not for the books', async () => {
    const id = await world.product();
    expect((await write('DELETE', id)).status).toBe(428);
    expect((await write('DELETE', id, undefined, '*')).status).toBe(204);
    expect((await world.ask('GET', `/products/${id}`)).status).toBe(404);
    expect((await write('PATCH', id, { name: 'Back' }, '*')).status).toBe(404);
    expect((await write('DELETE', id, undefined, '*')).status).toBe(404);
    expect(await world.query('SELECT stock FROM product.products WHERE id = $1', [id])).toEqual([
      { stock: 100 },
    ]);
  });

  test.each([
    ['nothing', {}],
    ['a stock', { stock: 1 }],
    ['an unknown property', { colour: 'red' }],
    ['half a penny', { priceMinor: 0.5 }],
    ['a negative price', { priceMinor: -1 }],
    ['a price as text', { priceMinor: '1' }],
    ['a script as image', { imageUrl: 'javascript:alert(1)' }],
    ['an image without encryption', { imageUrl: 'http://img.example.com/a' }],
    ['an image of who knows whom', { imageUrl: '//img.example.com/a' }],
    ['an unknown category', { category: 'unknown' }],
    ['a NUL', { name: 'a\0b' }],
  ])('does not take %s', async (_, body) => {
    expect((await write('PATCH', await world.product(), body, '*')).status).toBe(400);
  });

  test.each([
    '0198c1f2-7c3b-7aaa-8a5e-0d9c3b1f2a44',
    'urn:uuid:0198c1f2-7c3b-7aaa-8a5e-0d9c3b1f2a44',
    'x',
    '%00',
  ])('%s is none: 404', async id => {
    expect((await world.ask('GET', `/products/${id}`)).status).toBe(404);
  });
});

describe('administration', () => {
  const everything: [string, string, object?][] = [
    ['POST', '/products', { name: 'Tea', priceMinor: 1 }],
    ['PATCH', `/products/${randomUUID()}`, { name: 'Tea' }],
    [
      'PUT',
      `/products/${randomUUID()}`,
      { name: 'Tea', description: '', category: null, priceMinor: 1, imageUrl: null },
    ],
    ['DELETE', `/products/${randomUUID()}`],
    ['POST', `/products/${randomUUID()}/stock-adjustments`, { delta: 1, reason: 'x' }],
    ['GET', `/stock-ledger?product=${randomUUID()}`],
    ['PUT', '/products/categories/tea', { name: 'Tea' }],
    ['DELETE', '/products/categories/tea'],
    ['POST', `/orders/${randomUUID()}/ship`],
  ];
  test.each(everything)('%s %s is for administrators', async (method, path, body) => {
    const headers = { 'if-match': '*' };
    expect((await world.ask(method, path, { body, headers })).status).toBe(401);
    expect((await world.ask(method, path, { body, headers, as: await world.asCustomer() })).status).toBe(403);
  });

  test('stock is added to and taken from, never below nothing, and every change is written down', async () => {
    const id = await world.product({ stock: 3 });
    const adjust = async (delta: unknown) =>
      world.ask('POST', `/products/${id}/stock-adjustments`, {
        as: await as(),
        body: { delta, reason: 'count' },
      });
    expect((await adjust(2)).body).toEqual({ productId: id, delta: 2, stock: 5 });
    expect((await adjust(-6)).body).toMatchObject({ type: 'urn:shop:problem:stock-out-of-range', stock: 5 });
    expect((await adjust(1_000_000_000)).status).toBe(409);
    expect((await adjust(0.5)).status).toBe(400);
    const answers = await Promise.all(Array.from({ length: 8 }, () => adjust(-1)));
    expect(answers.map(answer => answer.status).sort()).toEqual([
      ...Array(5).fill(201),
      ...Array(3).fill(409),
    ]);
    const ledger = await world.query(
      'SELECT delta FROM product.stock_ledger WHERE product_id = $1 ORDER BY id',
      [id],
    );
    expect(ledger.map(entry => entry.delta)).toEqual([3, 2, -1, -1, -1, -1, -1]);
  });

  test('categories are kept while a product is in them', async () => {
    const put = async (name: string) =>
      world.ask('PUT', '/products/categories/mugs', { as: await as(), body: { name } });
    const remove = async () => world.ask('DELETE', '/products/categories/mugs', { as: await as() });
    expect([(await put('Mug')).status, (await put('Mugs')).status]).toEqual([204, 204]);
    const id = await world.product({ category: 'mugs' });
    const list = async () => (await world.ask('GET', '/products/categories')).body.categories;
    expect(await list()).toContainEqual({ slug: 'mugs', name: 'Mugs', products: 1 });
    expect((await remove()).status).toBe(409);
    await write('DELETE', id, undefined, '*');
    expect(await list()).toContainEqual({ slug: 'mugs', name: 'Mugs', products: 0 });
    expect([(await remove()).status, (await remove()).status]).toEqual([204, 404]);
  });
});
