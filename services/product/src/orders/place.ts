import { createHash } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../database/kysely.ts';
import { Problem } from '../server/problem.ts';
import { uuidv7 } from '../server/uuid.ts';
import type { Tables } from '../tables.ts';

export interface Line {
  productId: string;
  quantity: number;
}

export interface Wish {
  userId: string;
  key: string;
  lines: Line[];
  currency: string;
}

/**
 * Takes an order: all of its lines or none, at today's prices, and never more than there is. The same key takes it once.
 * Returns the order's id, and whether it had been taken before.
 * @throws {Problem} 409 naming what is sold out, or when the same key is under way; 422 when it was another order's
 */
export const placeOrder = (db: Database, wish: Wish): Promise<{ id: string; replayed: boolean }> =>
  db.transaction().execute(async transaction => {
    await claim(transaction, wish);
    const hash = requestHash(wish.lines);
    const created = await transaction
      .insertInto('product.orders')
      .values({
        id: uuidv7(),
        user_id: wish.userId,
        idempotency_key: wish.key,
        request_hash: hash,
        total_minor: 0,
        currency: wish.currency,
      })
      .onConflict(conflict => conflict.columns(['user_id', 'idempotency_key']).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!created) return { id: await earlier(transaction, wish, hash), replayed: true };

    const { taken, products } = await take(transaction, created.id, wish);
    if (taken !== wish.lines.length) throw soldOut(wish.lines, products);
    return { id: created.id, replayed: false };
  });

/** While one request with a key is under way, a second does not wait in line: it is told so. */
async function claim(transaction: Transaction<Tables>, { userId, key }: Wish): Promise<void> {
  const { rows } = await sql<{ mine: boolean }>`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${`${userId} ${key}`}, 0)) AS mine`.execute(
    transaction,
  );
  if (!rows[0]?.mine)
    throw new Problem(409, 'order-in-flight', 'This order is being taken. Try again.', {
      headers: { 'retry-after': '1' },
    });
}

async function earlier(transaction: Transaction<Tables>, wish: Wish, hash: Buffer): Promise<string> {
  const order = await transaction
    .selectFrom('product.orders')
    .select(['id', 'request_hash'])
    .where('user_id', '=', wish.userId)
    .where('idempotency_key', '=', wish.key)
    .executeTakeFirstOrThrow();
  if (!order.request_hash.equals(hash))
    throw new Problem(422, 'idempotency-key-reused', 'This key was used for another order.');
  return order.id;
}

interface Product {
  id: string;
  name: string;
  stock: number;
}

/**
 * Takes the lines out of the stock and writes them down: one statement, so that what many want is locked for a moment and
 * not while this process has others to attend to. Everybody locks in the order of the ids, so nobody waits in a circle.
 * Whoever finds fewer lines taken than there are rolls back.
 */
async function take(
  transaction: Transaction<Tables>,
  orderId: string,
  { lines, userId }: Wish,
): Promise<{ taken: number; products: Product[] }> {
  const { rows } = await sql<Product & { taken: boolean }>`
    WITH line AS (
      SELECT * FROM unnest(${lines.map(line => line.productId)}::uuid[], ${lines.map(line => line.quantity)}::int[])
        AS line (id, quantity)
    ), locked AS MATERIALIZED (
      SELECT id, name, price_minor, stock FROM product.products
      WHERE id IN (SELECT id FROM line) AND deleted_at IS NULL ORDER BY id FOR UPDATE
    ), bought AS (
      SELECT id, name, price_minor, quantity FROM locked JOIN line USING (id) WHERE stock >= quantity
    ), taken AS (
      UPDATE product.products AS product SET stock = product.stock - bought.quantity
      FROM bought WHERE product.id = bought.id AND product.stock >= bought.quantity
      RETURNING product.id
    ), written AS (
      INSERT INTO product.order_lines (order_id, product_id, name, unit_price_minor, quantity)
      SELECT ${orderId}::uuid, id, name, price_minor, quantity FROM bought
    ), entered AS (
      INSERT INTO product.stock_ledger (product_id, delta, reason, actor_id, order_id)
      SELECT id, -quantity, 'order', ${userId}::uuid, ${orderId}::uuid FROM bought
    ), summed AS (
      UPDATE product.orders SET total_minor = (SELECT coalesce(sum(price_minor::bigint * quantity), 0) FROM bought)
      WHERE id = ${orderId}::uuid
    )
    SELECT id, name, stock, EXISTS (SELECT FROM taken WHERE taken.id = locked.id) AS taken FROM locked`.execute(
    transaction,
  );
  return { taken: rows.filter(row => row.taken).length, products: rows };
}

function soldOut(lines: Line[], products: Product[]): Problem {
  const items = lines.flatMap(({ productId, quantity }) => {
    const product = products.find(({ id }) => id === productId.toLowerCase());
    const available = product?.stock ?? 0;
    return available >= quantity
      ? []
      : [{ productId, requested: quantity, available, ...(product && { name: product.name }) }];
  });
  const names = items.map(({ name, productId }) => name ?? productId).join(', ');
  return new Problem(409, 'out-of-stock', `There is not enough of: ${names}.`, { items });
}

/** The same lines in another order are the same order. */
const requestHash = (lines: Line[]): Buffer =>
  createHash('sha256')
    .update(JSON.stringify(lines.map(line => [line.productId.toLowerCase(), line.quantity]).sort()))
    .digest();
