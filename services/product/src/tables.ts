import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** Where this service's tables live: it shares the database with others, and no table. */
export const schema = 'product';

export interface Categories {
  slug: string;
  name: string;
}

export interface Products {
  id: string;
  name: string;
  description: string;
  category: string | null;
  price_minor: number;
  image_url: string | null;
  stock: number;
  version: Generated<number>;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
  deleted_at: Date | null;
  search: GeneratedAlways<string>;
}

export interface Orders {
  id: string;
  user_id: string;
  idempotency_key: string;
  request_hash: Buffer;
  total_minor: number;
  currency: string;
  created_at: Generated<Date>;
  shipped_at: Date | null;
  cancelled_at: Date | null;
}

export interface OrderLines {
  order_id: string;
  product_id: string;
  name: string;
  unit_price_minor: number;
  quantity: number;
}

export interface StockLedger {
  id: GeneratedAlways<number>;
  product_id: string;
  delta: number;
  reason: string;
  actor_id: string;
  order_id: string | null;
  at: ColumnType<Date, never, never>;
}

export interface Tables {
  'product.categories': Categories;
  'product.products': Products;
  'product.orders': Orders;
  'product.order_lines': OrderLines;
  'product.stock_ledger': StockLedger;
}
