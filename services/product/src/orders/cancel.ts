import { sql } from 'kysely';
import type { Database } from '../database/kysely.ts';
import { Problem } from '../server/problem.ts';

/**
 * Cancels an order that has not been shipped and puts its goods back. Twice is once.
 * @param owner whose it must be; anybody's without
 * @throws {Problem} 404, or 409 when it is on its way
 */
export const cancelOrder = (
  db: Database,
  { id, actor, owner }: { id: string; actor: string; owner?: string },
): Promise<void> =>
  db.transaction().execute(async transaction => {
    const order = await transaction
      .selectFrom('product.orders')
      .select(['cancelled_at', 'shipped_at'])
      .where('id', '=', id)
      .$if(owner !== undefined, query => query.where('user_id', '=', owner ?? ''))
      .forUpdate()
      .executeTakeFirst();
    if (!order) throw new Problem(404, 'not-found', 'There is no such order.');
    if (order.cancelled_at) return;
    if (order.shipped_at) throw new Problem(409, 'already-shipped', 'This order is on its way.');

    await transaction
      .updateTable('product.orders')
      .set({ cancelled_at: sql<Date>`now()` })
      .where('id', '=', id)
      .execute();
    await sql`
      SELECT id FROM product.products
      WHERE id IN (SELECT product_id FROM product.order_lines WHERE order_id = ${id})
      ORDER BY id FOR UPDATE`.execute(transaction);
    await sql`
      UPDATE product.products AS product SET stock = stock + line.quantity
      FROM product.order_lines AS line WHERE line.order_id = ${id} AND product.id = line.product_id`.execute(
      transaction,
    );
    await sql`
      INSERT INTO product.stock_ledger (product_id, delta, reason, actor_id, order_id)
      SELECT product_id, quantity, 'cancelled order', ${actor}::uuid, order_id
      FROM product.order_lines WHERE order_id = ${id}`.execute(transaction);
  });
