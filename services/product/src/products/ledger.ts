import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { adminOnly } from '../identity/guard.ts';
import type { App } from '../server/app.ts';
import { problems } from '../server/problem.ts';
import { exact, nullable, timestamp, uuid } from '../server/validation.ts';

/** Not below /products: whoever reads there is anybody, and this is for administrators. */
export function ledgerRoutes(app: App, { db, verify }: Context): void {
  app.get(
    '/stock-ledger',
    {
      schema: {
        summary: "Every change of a product's stock, the latest first",
        description: 'The sum of all entries is the stock. A product off the shelves keeps its entries.',
        tags: ['administration'],
        querystring: exact({
          product: uuid(),
          limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
          before: Type.Optional(Type.Integer({ minimum: 1, maximum: 2 ** 53 - 1 })),
        }),
        response: {
          200: Type.Object({
            entries: Type.Array(
              Type.Object({
                id: Type.Integer(),
                at: timestamp(),
                delta: Type.Integer(),
                reason: Type.String(),
                actor: uuid(),
                order: nullable(uuid()),
              }),
            ),
            next: nullable(Type.Integer()),
          }),
          ...problems(400, 401, 403),
        },
      },
    },
    async (request, reply) => {
      await adminOnly(verify, request);
      const { product, limit, before } = request.query;
      const rows = await db
        .selectFrom('product.stock_ledger')
        .selectAll()
        .where('product_id', '=', product)
        .$if(before !== undefined, query => query.where('id', '<', before ?? 0))
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      const page = rows.slice(0, limit);
      const next = rows.length > limit ? (page.at(-1)?.id ?? null) : null;
      if (next)
        reply.header('link', `</stock-ledger?product=${product}&limit=${limit}&before=${next}>; rel="next"`);
      reply.header('cache-control', 'no-store');
      const entries = page.map(row => ({
        id: row.id,
        at: row.at.toISOString(),
        delta: row.delta,
        reason: row.reason,
        actor: row.actor_id,
        order: row.order_id,
      }));
      return { entries, next };
    },
  );
}
