import type { Selectable } from 'kysely';
import { type Static, Type } from 'typebox';
import type { Database } from '../database/kysely.ts';
import { timestamp, uuid } from '../server/validation.ts';
import type { OrderLines, Orders } from '../tables.ts';

const status = Type.Enum(['placed', 'shipped', 'cancelled'] as const);
const amount = Type.Integer({ minimum: 0 });

export const order = Type.Object({
  id: uuid(),
  status,
  totalMinor: amount,
  currency: Type.String(),
  lines: Type.Array(
    Type.Object({
      productId: uuid(),
      name: Type.String(),
      quantity: Type.Integer({ minimum: 1 }),
      unitPriceMinor: amount,
      totalMinor: amount,
    }),
  ),
  timeline: Type.Array(Type.Object({ status, at: timestamp() }), {
    description: 'What became of it, in order',
  }),
});

export function toOrder(row: Selectable<Orders>, lines: Selectable<OrderLines>[]): Static<typeof order> {
  const timeline = [
    { status: 'placed' as const, at: row.created_at.toISOString() },
    ...(row.shipped_at ? [{ status: 'shipped' as const, at: row.shipped_at.toISOString() }] : []),
    ...(row.cancelled_at ? [{ status: 'cancelled' as const, at: row.cancelled_at.toISOString() }] : []),
  ];
  return {
    id: row.id,
    status: timeline.at(-1)?.status ?? 'placed',
    totalMinor: row.total_minor,
    currency: row.currency,
    lines: lines.map(line => ({
      productId: line.product_id,
      name: line.name,
      quantity: line.quantity,
      unitPriceMinor: line.unit_price_minor,
      totalMinor: line.unit_price_minor * line.quantity,
    })),
    timeline,
  };
}

/** Orders with their lines, in the order of the rows. */
export async function withLines(db: Database, rows: Selectable<Orders>[]): Promise<Static<typeof order>[]> {
  if (rows.length === 0) return [];
  const lines = await db
    .selectFrom('product.order_lines')
    .selectAll()
    .where(
      'order_id',
      'in',
      rows.map(row => row.id),
    )
    .orderBy('product_id')
    .execute();
  const byOrder = Map.groupBy(lines, line => line.order_id);
  return rows.map(row => toOrder(row, byOrder.get(row.id) ?? []));
}
