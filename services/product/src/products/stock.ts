import { sql } from 'kysely';
import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { adminOnly } from '../identity/guard.ts';
import type { App } from '../server/app.ts';
import { Problem, problems } from '../server/problem.ts';
import { exact, text, uuid } from '../server/validation.ts';
import { maximumStock } from './product.ts';

export function stockRoutes(app: App, { db, verify }: Context): void {
  app.post(
    '/products/:id/stock-adjustments',
    {
      schema: {
        summary: 'Add to the stock or take from it',
        tags: ['administration'],
        params: exact({ id: uuid() }),
        body: exact({
          delta: Type.Integer({ minimum: -maximumStock, maximum: maximumStock }),
          reason: text(1, 200),
        }),
        response: {
          201: Type.Object({ productId: uuid(), delta: Type.Integer(), stock: Type.Integer() }),
          ...problems(400, 401, 403, 404, 409, 413, 415),
        },
      },
    },
    async (request, reply) => {
      const { userId } = await adminOnly(verify, request);
      const { delta, reason } = request.body;
      const { id } = request.params;
      const stock = await db.transaction().execute(async transaction => {
        const row = await transaction
          .selectFrom('product.products')
          .select(['id', 'stock'])
          .where('id', '=', id)
          .where('deleted_at', 'is', null)
          .forUpdate()
          .executeTakeFirst();
        if (!row) throw new Problem(404, 'not-found', 'There is no such product.');
        const next = row.stock + delta;
        if (next < 0 || next > maximumStock)
          throw new Problem(409, 'stock-out-of-range', `The stock would be ${next}.`, { stock: row.stock });
        await transaction
          .updateTable('product.products')
          .set({ stock: sql<number>`stock + ${delta}` })
          .where('id', '=', id)
          .execute();
        await transaction
          .insertInto('product.stock_ledger')
          .values({ product_id: id, delta, reason, actor_id: userId })
          .execute();
        return next;
      });
      return reply.status(201).send({ productId: id, delta, stock });
    },
  );
}
