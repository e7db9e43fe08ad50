import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ replicas: 2 });
});
afterAll(() => world.close());

const stockOf = async (id: string) =>
  (await world.query('SELECT stock FROM product.products WHERE id = $1', [id]))[0]?.stock;
const order = async (lines: object[], { as, key = randomUUID() }: { as?: string; key?: string } = {}) =>
  world.ask('POST', '/orders', {
    as: as ?? (await world.asCustomer()),
    headers: { 'idempotency-key': key },
    body: { lines },
  });
/** Every unit of stock is accounted for. */
const ledgerHolds = async () =>
  expect(
    await world.query(
      `SELECT p.id FROM product.products p LEFT JOIN product.stock_ledger l ON l.product_id = p.id
       GROUP BY p.id HAVING p.stock <> coalesce(sum(l.delta), 0)`,
    ),
  ).toEqual([]);

describe('placing', () => {
  test('takes the goods and computes the price', async () => {
    const [tea, cup] = [
      await world.product({ name: 'Tea', priceMinor: 1290 }),
      await world.product({ priceMinor: 5 }),
    ];
    const answer = await order([
      { productId: tea, quantity: 3 },
      { productId: cup, quantity: 1 },
    ]);
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe(`/orders/${answer.body.id}`);
    expect(answer.body).toMatchObject({ status: 'placed', totalMinor: 3875, currency: 'CHF' });
    expect(answer.body.lines).toContainEqual({
      productId: tea,
      name: 'Tea',
      quantity: 3,
      unitPriceMinor: 1290,
      totalMinor: 3870,
    });
    expect([await stockOf(tea), await stockOf(cup)]).toEqual([97, 99]);
    await ledgerHolds();
  });

  test('takes all or nothing, and names what is sold out', async () => {
    const [tea, cup] = [await world.product({ name: 'Tea' }), await world.product({ name: 'Cup', stock: 1 })];
    const unknown = randomUUID();
    const answer = await order([
      { productId: tea, quantity: 1 },
      { productId: cup, quantity: 2 },
      { productId: unknown, quantity: 1 },
    ]);
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      type: 'urn:shop:problem:out-of-stock',
      items: [
        { productId: cup, name: 'Cup', requested: 2, available: 1 },
        { productId: unknown, requested: 1, available: 0 },
      ],
    });
    expect([await stockOf(tea), await stockOf(cup)]).toEqual([100, 1]);
  });

  test('keeps name and price as they were', async () => {
    const id = await world.product({ name: 'Old', priceMinor: 100 });
    const as = await world.asCustomer();
    const { body } = await order([{ productId: id, quantity: 1 }], { as });
    const headers = { 'if-match': '*' };
    await world.ask('PATCH', `/products/${id}`, {
      as: await world.asAdmin(),
      headers,
      body: { name: 'New', priceMinor: 200 },
    });
    await world.ask('DELETE', `/products/${id}`, { as: await world.asAdmin(), headers });
    expect((await world.ask('GET', `/orders/${body.id}`, { as })).body).toEqual(body);
    expect((await order([{ productId: id, quantity: 1 }], { as })).status).toBe(409);
  });

  test.each([
    ['no lines', { lines: [] }],
    ["a price of one's own", { lines: [{ productId: randomUUID(), quantity: 1, unitPriceMinor: 1 }] }],
    ['half a piece', { lines: [{ productId: randomUUID(), quantity: 0.5 }] }],
    ['less than nothing', { lines: [{ productId: randomUUID(), quantity: -1 }] }],
    ['a number as text', { lines: [{ productId: randomUUID(), quantity: '1' }] }],
    ['too many pieces', { lines: [{ productId: randomUUID(), quantity: 1001 }] }],
    [
      'one product twice',
      { lines: Array(2).fill({ productId: '0198C1F2-7c3b-7aaa-8a5e-0d9c3b1f2a44', quantity: 1 }) },
    ],
    ['nothing', undefined],
  ])('%s: 400', async (_, body) => {
    const headers = { 'idempotency-key': randomUUID() };
    expect((await world.ask('POST', '/orders', { as: await world.asCustomer(), headers, body })).status).toBe(
      400,
    );
  });

  test('a form is not taken', async () => {
    const headers = { 'idempotency-key': 'a', 'content-type': 'text/plain' };
    const body = JSON.stringify({ lines: [] });
    expect((await world.ask('POST', '/orders', { as: await world.asCustomer(), headers, body })).status).toBe(
      415,
    );
  });
});

describe('the idempotency key', () => {
  test('must be there', async () => {
    const body = { lines: [{ productId: randomUUID(), quantity: 1 }] };
    expect((await world.ask('POST', '/orders', { as: await world.asCustomer(), body })).status).toBe(400);
  });

  test('sent again, buys once and answers the same', async () => {
    const id = await world.product();
    const as = await world.asCustomer();
    const key = randomUUID();
    const lines = [{ productId: id, quantity: 2 }];
    const first = await order(lines, { as, key });
    const second = await order(lines, { as, key });
    expect([second.status, second.body, second.headers.location]).toEqual([
      201,
      first.body,
      first.headers.location,
    ]);
    expect([first.headers['idempotency-replayed'], second.headers['idempotency-replayed']]).toEqual([
      undefined,
      'true',
    ]);
    expect(await stockOf(id)).toBe(98);
  });

  test('with another payload is a mistake; with the same lines in another order it is not', async () => {
    const [a, b] = [await world.product(), await world.product()];
    const as = await world.asCustomer();
    const key = randomUUID();
    const lines = [
      { productId: a, quantity: 1 },
      { productId: b, quantity: 2 },
    ];
    await order(lines, { as, key });
    expect((await order(lines.toReversed(), { as, key })).status).toBe(201);
    expect((await order([{ productId: a, quantity: 2 }], { as, key })).status).toBe(422);
    expect([await stockOf(a), await stockOf(b)]).toEqual([99, 98]);
  });

  test("is each customer's own", async () => {
    const id = await world.product();
    const key = randomUUID();
    const answers = [
      await order([{ productId: id, quantity: 1 }], { key }),
      await order([{ productId: id, quantity: 1 }], { key }),
    ];
    expect(new Set(answers.map(answer => answer.body.id)).size).toBe(2);
  });

  test('is free again when the order failed', async () => {
    const id = await world.product({ stock: 0 });
    const as = await world.asCustomer();
    const key = randomUUID();
    const lines = [{ productId: id, quantity: 1 }];
    expect((await order(lines, { as, key })).status).toBe(409);
    await world.ask('POST', `/products/${id}/stock-adjustments`, {
      as: await world.asAdmin(),
      body: { delta: 1, reason: 'delivery' },
    });
    expect((await order(lines, { as, key })).status).toBe(201);
  });

  test('while the first is under way, a second is told so', async () => {
    const id = await world.product();
    const as = await world.asCustomer();
    const key = randomUUID();
    const lines = [{ productId: id, quantity: 1 }];
    const client = await world.pool.connect();
    await client.query('BEGIN');
    await client.query('SELECT FROM product.products WHERE id = $1 FOR UPDATE', [id]);
    const first = order(lines, { as, key });
    try {
      await expect
        .poll(() => world.query("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"), {
          timeout: 4000,
        })
        .not.toEqual([]);
      const second = await order(lines, { as, key });
      expect([second.status, second.body.type, second.headers['retry-after']]).toEqual([
        409,
        'urn:shop:problem:order-in-flight',
        '1',
      ]);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
    expect((await first).status).toBe(201);
    expect(await stockOf(id)).toBe(99);
  });

  test('twenty at once buy once', async () => {
    const id = await world.product();
    const as = await world.asCustomer();
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => order([{ productId: id, quantity: 1 }], { as, key })),
    );
    expect(answers.filter(answer => ![201, 409].includes(answer.status))).toEqual([]);
    expect(new Set(answers.filter(answer => answer.status === 201).map(answer => answer.body.id)).size).toBe(
      1,
    );
    expect(await stockOf(id)).toBe(99);
  });
});

describe('orders', () => {
  test("are their customer's and the administrators'; to others they are not there", async () => {
    const id = await world.product();
    const me = randomUUID();
    const as = await world.asCustomer(me);
    const mine = (await order([{ productId: id, quantity: 1 }], { as })).body;
    const other = await world.asCustomer();
    expect((await world.ask('GET', `/orders/${mine.id}`, { as: other })).status).toBe(404);
    expect((await world.ask('POST', `/orders/${mine.id}/cancel`, { as: other })).status).toBe(404);
    expect((await world.ask('GET', '/orders', { as: other })).body.orders).toEqual([]);
    expect((await world.ask('GET', '/orders?all=1', { as: other })).status).toBe(403);
    expect((await world.ask('GET', `/orders/${mine.id}`)).status).toBe(401);
    expect((await world.ask('GET', '/orders', { as })).body.orders).toEqual([mine]);
    expect((await world.ask('GET', `/orders/${mine.id}`, { as: await world.asAdmin() })).body).toEqual(mine);
    const { orders } = (await world.ask('GET', '/orders?all=1&limit=100', { as: await world.asAdmin() }))
      .body;
    expect(orders).toContainEqual(mine);
  });

  test('are paged, the latest first', async () => {
    const id = await world.product();
    const as = await world.asCustomer();
    const placed: string[] = [];
    for (let count = 0; count < 5; count++)
      placed.unshift((await order([{ productId: id, quantity: 1 }], { as })).body.id);
    const seen: string[] = [];
    let path: string | undefined = '/orders?limit=2';
    while (path) {
      const page: { body: { orders: { id: string }[] }; headers: { link?: string } } = (await world.ask(
        'GET',
        path,
        { as },
      )) as never;
      seen.push(...page.body.orders.map(each => each.id));
      path = /<(.*)>; rel="next"/.exec(page.headers.link ?? '')?.[1];
    }
    expect(seen).toEqual(placed);
  });

  test('are cancelled once, however often it is asked, and the goods come back', async () => {
    const id = await world.product();
    const as = await world.asCustomer();
    const { body } = await order([{ productId: id, quantity: 7 }], { as });
    const cancel = () => world.ask('POST', `/orders/${body.id}/cancel`, { as });
    const answers = await Promise.all(Array.from({ length: 8 }, cancel));
    expect(answers.map(answer => [answer.status, answer.body.status])).toEqual(
      Array(8).fill([200, 'cancelled']),
    );
    expect(answers[0]?.body.timeline.map((each: { status: string }) => each.status)).toEqual([
      'placed',
      'cancelled',
    ]);
    expect(await stockOf(id)).toBe(100);
    await ledgerHolds();
  });

  test('that are on their way are not cancelled, and cancelled ones are not shipped', async () => {
    const id = await world.product();
    const as = await world.asCustomer();
    const [one, two] = [
      (await order([{ productId: id, quantity: 1 }], { as })).body.id,
      (await order([{ productId: id, quantity: 1 }], { as })).body.id,
    ];
    const ship = async (order: string, who: string) =>
      world.ask('POST', `/orders/${order}/ship`, { as: who });
    expect((await ship(one, as)).status).toBe(403);
    expect((await ship(one, await world.asAdmin())).body.status).toBe('shipped');
    expect((await world.ask('POST', `/orders/${one}/cancel`, { as })).status).toBe(409);
    await world.ask('POST', `/orders/${two}/cancel`, { as });
    expect((await ship(two, await world.asAdmin())).status).toBe(409);
    expect((await ship(randomUUID(), await world.asAdmin())).status).toBe(404);
    expect(await stockOf(id)).toBe(99);
  });

  test('survive the service', async () => {
    const as = await world.asCustomer();
    const { body } = await order([{ productId: await world.product(), quantity: 1 }], { as });
    const again = await openWorld({ url: world.databaseUrl });
    try {
      const sub = JSON.parse(Buffer.from(as.split('.')[1] ?? '', 'base64url').toString()).sub;
      expect(
        (await again.ask('GET', `/orders/${body.id}`, { as: await again.asCustomer(sub) })).body,
      ).toEqual(body);
    } finally {
      await again.close();
    }
  });
});
