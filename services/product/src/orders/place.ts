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

    const products = await lock(transaction, wish.lines);
    const taken = await take(transaction, wish.lines);
    if (taken !== wish.lines.length) throw soldOut(wish.lines, products);
    await write(transaction, created.id, wish, products);
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
  price_minor: number;
  stock: number;
}

/** Everybody locks in the same order, so nobody waits in a circle. */
const lock = (transaction: Transaction<Tables>, lines: Line[]): Promise<Product[]> =>
  transaction
    .selectFrom('product.products')
    .select(['id', 'name', 'price_minor', 'stock'])
    .where(
      'id',
      'in',
      lines.map(line => line.productId),
    )
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();

/** Returns how many of the lines there was enough for. */
async function take(transaction: Transaction<Tables>, lines: Line[]): Promise<number> {
  const { rows } = await sql`
    UPDATE product.products AS product SET stock = stock - line.quantity
    FROM unnest(${lines.map(line => line.productId)}::uuid[], ${lines.map(line => line.quantity)}::int[])
      AS line (id, quantity)
    WHERE product.id = line.id AND product.deleted_at IS NULL AND product.stock >= line.quantity
    RETURNING product.id`.execute(transaction);
  return rows.length;
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

async function write(
  transaction: Transaction<Tables>,
  orderId: string,
  { lines, userId }: Wish,
  products: Product[],
): Promise<void> {
  const bought = lines.flatMap(({ productId, quantity }) => {
    const product = products.find(({ id }) => id === productId.toLowerCase());
    return product ? [{ product, quantity }] : [];
  });
  await transaction
    .insertInto('product.order_lines')
    .values(
      bought.map(({ product, quantity }) => ({
        order_id: orderId,
        product_id: product.id,
        name: product.name,
        unit_price_minor: product.price_minor,
        quantity,
      })),
    )
    .execute();
  await transaction
    .insertInto('product.stock_ledger')
    .values(
      bought.map(({ product, quantity }) => ({
        product_id: product.id,
        delta: -quantity,
        reason: 'order',
        actor_id: userId,
        order_id: orderId,
      })),
    )
    .execute();
  await transaction
    .updateTable('product.orders')
    .set({
      total_minor: bought.reduce((sum, { product, quantity }) => sum + product.price_minor * quantity, 0),
    })
    .where('id', '=', orderId)
    .execute();
}

/** The same lines in another order are the same order. */
const requestHash = (lines: Line[]): Buffer =>
  createHash('sha256')
    .update(JSON.stringify(lines.map(line => [line.productId.toLowerCase(), line.quantity]).sort()))
    .digest();
