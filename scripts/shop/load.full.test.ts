import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Answer } from './client.ts';
import { type Customer, crowd } from './crowd.ts';
import { openShop, type Shop } from './open.ts';

/*
 * A rush, through all that stands between a customer and the database: Traefik with the cluster's rate limit, the
 * user-manager's word on every request, the product service, PostgreSQL.
 */

const people = 1000;
/** More customers behind each than its burst lets through at once. */
const addresses = 8;

let shop: Shop;
let products: string[];
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());
beforeEach(async () => {
  products = await Promise.all(
    Array.from({ length: 5 }, async (_, number) => {
      const product = { name: `Rush ${number}`, priceMinor: 990, stock: 100 };
      return (await shop.client.must('POST', '/products', product)).body.id as string;
    }),
  );
});

interface Ended extends Answer {
  /** What the customer heard before: statuses, and 0 for a connection that broke. */
  before: number[];
}

/** As a browser that does not give up: the same key, when it was told to come again, until the answer is final. */
async function insist({ client }: Customer, turn: number): Promise<Ended> {
  const before: number[] = [];
  for (let deadline = Date.now() + 180_000; ; ) {
    const answer: Answer | undefined = await client
      .ask(
        'POST',
        '/orders',
        { lines: [{ productId: products[turn % 5], quantity: 1 }] },
        { 'idempotency-key': 'rush' },
      )
      .catch(() => undefined);
    const { status = 0, headers = {}, body } = answer ?? {};
    const isLater =
      status === 0 || status === 429 || status >= 500 || body?.type === 'urn:shop:problem:order-in-flight';
    if (answer && !isLater) return { ...answer, before };
    if (Date.now() > deadline) throw new Error(`No final answer, but ${before.join(' ')}`);
    before.push(status);
    await sleep(1000 * Math.max(Number(headers['retry-after'] ?? 0), 0.2) + 300 * Math.random());
  }
}

/** Everybody at once, and what everybody was told in the end. */
async function rush(customers: Customer[], sold: (count: number) => void = () => {}): Promise<Ended[]> {
  let count = 0;
  return Promise.all(
    customers.map(async (customer, turn) => {
      const ended = await insist(customer, turn);
      if (ended.status === 201) sold(++count);
      return ended;
    }),
  );
}

async function exactlyFiveHundredAreSold(answers: Ended[]): Promise<void> {
  const counts = Object.groupBy(answers, ({ status }) => status);
  expect(Object.keys(counts)).toEqual(['201', '409']);
  expect([counts[201]?.length, counts[409]?.length]).toEqual([500, 500]);
  expect(new Set(counts[409]?.map(({ body }) => body.type))).toEqual(
    new Set(['urn:shop:problem:out-of-stock']),
  );
  const [books] = await shop.query(
    `SELECT count(DISTINCT o.id)::int AS orders, count(DISTINCT o.user_id)::int AS buyers, sum(l.quantity)::int AS pieces
     FROM product.orders o JOIN product.order_lines l ON l.order_id = o.id WHERE l.product_id = ANY($1)`,
    [products],
  );
  expect(books).toEqual({ orders: 500, buyers: 500, pieces: 500 });
  const stock = await shop.query(
    `SELECT p.stock, sum(l.delta)::int AS ledger FROM product.products p
     JOIN product.stock_ledger l ON l.product_id = p.id WHERE p.id = ANY($1) GROUP BY p.id`,
    [products],
  );
  expect(stock).toEqual(Array.from({ length: 5 }, () => ({ stock: 0, ledger: 0 })));
}

const times = (answers: Ended[], wanted: (status: number) => boolean) =>
  answers.flatMap(({ before }) => before).filter(wanted).length;

test('one address that asks without a pause is told when to come again, and another is not', async () => {
  const [hasty, other] = (await crowd(shop, 2, 2)) as [Customer, Customer];
  const refused: Answer[] = [];
  // A burst of a hundred and fifty a second more: whoever keeps a hundred requests in the air is quicker than that.
  for (let round = 0; refused.length === 0 && round < 100; round++) {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => hasty.client.ask('GET', '/products?limit=1')),
    );
    refused.push(...answers.filter(({ status }) => status === 429));
  }
  expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThanOrEqual(0);
  expect((await other.client.ask('GET', '/products?limit=1')).status).toBe(200);
});

test('a thousand orders at once over five products of a hundred sell five hundred, and again buys nothing', async () => {
  const customers = await crowd(shop, people, addresses);
  const answers = await rush(customers);
  // Whether one is told to come again depends on how quickly this machine asks; but nobody is told anything else.
  expect(times(answers, status => status !== 429)).toBe(0);
  await exactlyFiveHundredAreSold(answers);

  const again = await rush(customers);
  await exactlyFiveHundredAreSold(again);
  const ids = (all: Ended[]) => all.map(({ status, body }) => (status === 201 ? body.id : status));
  expect(ids(again)).toEqual(ids(answers));
  const replayed = again.filter(({ headers }) => headers['idempotency-replayed'] === 'true');
  expect(replayed.length).toBe(500);
});

test('the product service is killed in the middle and comes back: five hundred are sold, and every customer knows', async () => {
  const customers = await crowd(shop, people, addresses);
  const { product } = shop.services;
  const before = product.pid();
  let restarted: Promise<void> | undefined;
  const answers = await rush(customers, count => {
    if (count === 100) restarted = product.restart();
  });
  await restarted;
  expect(product.pid()).not.toBe(before);
  expect(times(answers, status => status === 502)).toBeGreaterThan(0);
  await exactlyFiveHundredAreSold(answers);
});
