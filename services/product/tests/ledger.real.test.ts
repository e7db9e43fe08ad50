import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const ledger = async (query: string) =>
  world.ask('GET', `/stock-ledger?${query}`, { as: await world.asAdmin() });

test('says what came and went, why, and for which order, the latest first', async () => {
  const id = await world.product({ stock: 10 });
  const customer = randomUUID();
  const as = await world.asCustomer(customer);
  const headers = { 'idempotency-key': randomUUID() };
  const order = await world.ask('POST', '/orders', {
    as,
    headers,
    body: { lines: [{ productId: id, quantity: 3 }] },
  });
  await world.ask('POST', `/orders/${order.body.id}/cancel`, { as });
  const { status, headers: answered, body } = await ledger(`product=${id}`);
  expect([status, answered['cache-control'], body.next]).toEqual([200, 'no-store', null]);
  expect(body.entries).toMatchObject([
    { delta: 3, reason: 'cancelled order', actor: customer, order: order.body.id },
    { delta: -3, reason: 'order', actor: customer, order: order.body.id },
    { delta: 10, reason: 'first stock', order: null },
  ]);
});

test('goes on where a page ended', async () => {
  const id = await world.product({ stock: 1 });
  for (let delta = 1; delta <= 4; delta++)
    await world.ask('POST', `/products/${id}/stock-adjustments`, {
      as: await world.asAdmin(),
      body: { delta, reason: 'count' },
    });
  const deltas: number[] = [];
  let query: string | undefined = `product=${id}&limit=2`;
  while (query) {
    const { body, headers } = await ledger(query);
    deltas.push(...body.entries.map((entry: { delta: number }) => entry.delta));
    query = /^<\/stock-ledger\?(.*)>; rel="next"$/.exec(String(headers.link))?.[1];
  }
  expect(deltas).toEqual([4, 3, 2, 1, 1]);
});

test.each(['', 'product=1', `product=${randomUUID()}&before=0`, `product=${randomUUID()}&limit=101`])(
  '“%s” is no question',
  async query => {
    expect((await ledger(query)).status).toBe(400);
  },
);
