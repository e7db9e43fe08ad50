import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer } from '../src/testing/client.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ replicas: 2 });
});
afterAll(() => world.close());

/** As a browser that does not give up: the same key, until the answer is final. */
async function insist(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    const later = answer.status === 503 || answer.body?.type === 'urn:shop:problem:order-in-flight';
    if (!later) return answer;
    await sleep(50);
  }
}

test('a thousand orders at once over five products of a hundred sell five hundred, and no more', async () => {
  const products = await Promise.all(Array.from({ length: 5 }, () => world.product({ stock: 100 })));
  const customers = await Promise.all(Array.from({ length: 1000 }, () => world.asCustomer()));
  const answers = await Promise.all(
    customers.map((as, turn) => {
      const headers = { 'idempotency-key': randomUUID() };
      const body = { lines: [{ productId: products[turn % 5], quantity: 1 }] };
      return insist(() => world.ask('POST', '/orders', { as, headers, body }));
    }),
  );
  const counts = Object.groupBy(answers, answer => answer.status);
  expect([counts[201]?.length, counts[409]?.length]).toEqual([500, 500]);
  expect(await world.query('SELECT DISTINCT stock FROM product.products')).toEqual([{ stock: 0 }]);
  const [sold] = await world.query(
    'SELECT sum(quantity)::int AS pieces, count(*) AS lines FROM product.order_lines',
  );
  expect(sold).toEqual({ pieces: 500, lines: 500 });
});

test('baskets that overlap in every order neither lock each other out nor oversell', async () => {
  const products = await Promise.all(Array.from({ length: 5 }, () => world.product({ stock: 60 })));
  const customers = await Promise.all(Array.from({ length: 200 }, () => world.asCustomer()));
  const answers = await Promise.all(
    customers.map((as, turn) => {
      const chosen = products.filter((_, index) => (turn >> (index % 3)) % 2 === 0 || index === turn % 5);
      const lines = (turn % 2 ? chosen : chosen.toReversed()).map(productId => ({
        productId,
        quantity: 1 + (turn % 3),
      }));
      const headers = { 'idempotency-key': 'basket' };
      return insist(() => world.ask('POST', '/orders', { as, headers, body: { lines } }));
    }),
  );
  expect(answers.filter(answer => ![201, 409].includes(answer.status))).toEqual([]);
  const wrong = await world.query(
    `SELECT p.id FROM product.products p JOIN product.stock_ledger l ON l.product_id = p.id
     GROUP BY p.id HAVING p.stock <> sum(l.delta) OR p.stock < 0`,
  );
  expect(wrong).toEqual([]);
});

test('a customer who sends everything ten times at once buys once', async () => {
  const product = await world.product({ stock: 1000 });
  const customers = await Promise.all(Array.from({ length: 20 }, () => world.asCustomer()));
  const answers = await Promise.all(
    customers.flatMap(as =>
      Array.from({ length: 10 }, () => {
        const body = { lines: [{ productId: product, quantity: 1 }] };
        return insist(() =>
          world.ask('POST', '/orders', { as, headers: { 'idempotency-key': 'once' }, body }),
        );
      }),
    ),
  );
  expect(answers.filter(answer => answer.status !== 201)).toEqual([]);
  expect(new Set(answers.map(answer => answer.body.id)).size).toBe(20);
  expect((await world.ask('GET', `/products/${product}`)).body.stock).toBe(980);
});
