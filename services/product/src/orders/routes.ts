import { sql } from 'kysely';
import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { adminOnly, whoIs } from '../identity/guard.ts';
import type { Identity } from '../identity/verify.ts';
import type { App } from '../server/app.ts';
import { Problem, problems } from '../server/problem.ts';
import { exact, uuid } from '../server/validation.ts';
import { cancelOrder } from './cancel.ts';
import { order, withLines } from './order.ts';
import { placeOrder } from './place.ts';

const params = exact({ id: uuid() });
const nullable = Type.Union([uuid(), Type.Null()]);
const missing = () => new Problem(404, 'not-found', 'There is no such order.');

export function orderRoutes(app: App, context: Context): void {
  const { db, verify, currency } = context;

  app.post(
    '/orders',
    {
      schema: {
        summary: 'Order',
        description: 'Prices are those of the moment. Sent again with the same key, it is taken once.',
        tags: ['orders'],
        headers: Type.Object({
          'idempotency-key': Type.String({
            pattern: '^[\\x21-\\x7e]{1,200}$',
            description: 'One for each order, made up by the client',
          }),
        }),
        body: exact({
          lines: Type.Array(
            exact({ productId: uuid(), quantity: Type.Integer({ minimum: 1, maximum: 1000 }) }),
            {
              minItems: 1,
              maxItems: 50,
            },
          ),
        }),
        response: { 201: order, ...problems(400, 401, 403, 409, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const { userId } = await whoIs(verify, request);
      const { lines } = request.body;
      if (new Set(lines.map(line => line.productId.toLowerCase())).size !== lines.length)
        throw new Problem(400, 'duplicate-line', 'Every product stands in one line.');
      const key = request.headers['idempotency-key'];
      const { id, replayed } = await placeOrder(db, { userId, key, lines, currency });
      if (replayed) reply.header('idempotency-replayed', 'true');
      return reply
        .status(201)
        .header('location', `/orders/${id}`)
        .send(await read(id));
    },
  );

  app.get(
    '/orders',
    {
      schema: {
        summary: 'My orders, the latest first',
        tags: ['orders'],
        querystring: exact({
          limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
          before: Type.Optional(uuid()),
          all: Type.Optional(Type.Literal('1', { description: "Everybody's: for administrators" })),
        }),
        response: {
          200: Type.Object({ orders: Type.Array(order), next: nullable }),
          ...problems(400, 401, 403),
        },
      },
    },
    async (request, reply) => {
      const { limit, before, all } = request.query;
      const { userId } = await (all ? adminOnly : whoIs)(verify, request);
      const rows = await db
        .selectFrom('product.orders')
        .selectAll()
        .$if(all === undefined, query => query.where('user_id', '=', userId))
        .$if(before !== undefined, query => query.where('id', '<', before ?? ''))
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      const page = rows.slice(0, limit);
      const next = rows.length > limit ? (page.at(-1)?.id ?? null) : null;
      if (next)
        reply.header('link', `</orders?limit=${limit}${all ? '&all=1' : ''}&before=${next}>; rel="next"`);
      reply.header('cache-control', 'no-store');
      return { orders: await withLines(db, page), next };
    },
  );

  app.get(
    '/orders/:id',
    {
      schema: {
        summary: 'An order of mine',
        tags: ['orders'],
        params,
        response: { 200: order, ...problems(401, 404) },
      },
    },
    async (request, reply) => {
      const identity = await whoIs(verify, request);
      reply.header('cache-control', 'no-store');
      return read(request.params.id, identity);
    },
  );

  app.post(
    '/orders/:id/cancel',
    {
      schema: {
        summary: 'Cancel an order that is not on its way yet',
        tags: ['orders'],
        params,
        response: { 200: order, ...problems(401, 404, 409, 415) },
      },
    },
    async request => {
      const identity = await whoIs(verify, request);
      const { id } = request.params;
      await cancelOrder(db, { id, actor: identity.userId, ...ownerOf(identity) });
      return read(id, identity);
    },
  );

  app.post(
    '/orders/:id/ship',
    {
      schema: {
        summary: 'Say that an order is on its way',
        tags: ['administration'],
        params,
        response: { 200: order, ...problems(401, 403, 404, 409, 415) },
      },
    },
    async request => {
      await adminOnly(verify, request);
      const { id } = request.params;
      await db
        .updateTable('product.orders')
        .set({ shipped_at: sql<Date>`now()` })
        .where('id', '=', id)
        .where('shipped_at', 'is', null)
        .where('cancelled_at', 'is', null)
        .execute();
      const found = await read(id);
      if (found.status === 'cancelled')
        throw new Problem(409, 'already-cancelled', 'This order is cancelled.');
      return found;
    },
  );

  /** An order as its owner or an administrator may see it; to anybody else it is not there. */
  async function read(id: string, identity?: Identity) {
    const rows = await db
      .selectFrom('product.orders')
      .selectAll()
      .where('id', '=', id)
      .$if(identity !== undefined && identity.role !== 'admin', query =>
        query.where('user_id', '=', identity?.userId ?? ''),
      )
      .execute();
    const [found] = await withLines(db, rows);
    if (!found) throw missing();
    return found;
  }
}

const ownerOf = ({ role, userId }: Identity) => (role === 'admin' ? {} : { owner: userId });
