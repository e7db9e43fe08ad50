-- Up Migration

-- Finds what is misspelt. Whoever may not add it, or has a server without it, searches without.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR invalid_schema_name THEN
  RAISE NOTICE 'pg_trgm is not available: %', SQLERRM;
END
$$;

CREATE TABLE categories (
  slug text PRIMARY KEY,
  name text NOT NULL
);

CREATE TABLE products (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  description text NOT NULL,
  category text REFERENCES categories,
  price_minor integer NOT NULL CHECK (price_minor >= 0),
  image_url text,
  stock integer NOT NULL CHECK (stock >= 0),
  -- Of what administrators write; a sale does not change it.
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,
  search tsvector NOT NULL GENERATED ALWAYS AS (
    setweight(to_tsvector('simple'::regconfig, name), 'A') ||
    setweight(to_tsvector('simple'::regconfig, description), 'B')
  ) STORED
);
CREATE INDEX products_by_search ON products USING gin (search);
CREATE INDEX products_by_name ON products (lower(name), id) WHERE deleted_at IS NULL;
CREATE INDEX products_by_price ON products (price_minor, id) WHERE deleted_at IS NULL;
CREATE INDEX products_by_category ON products (category);

CREATE TABLE orders (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL,
  idempotency_key text NOT NULL,
  -- SHA-256 of what was ordered: the same key with another order is a mistake.
  request_hash bytea NOT NULL CHECK (length(request_hash) = 32),
  total_minor bigint NOT NULL CHECK (total_minor >= 0),
  currency text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  shipped_at timestamptz,
  cancelled_at timestamptz,
  UNIQUE (user_id, idempotency_key),
  CHECK (shipped_at IS NULL OR cancelled_at IS NULL)
);
CREATE INDEX orders_by_user ON orders (user_id, id);

-- Name and price as they were when it was ordered.
CREATE TABLE order_lines (
  order_id uuid NOT NULL REFERENCES orders ON DELETE CASCADE,
  product_id uuid NOT NULL REFERENCES products,
  name text NOT NULL,
  unit_price_minor integer NOT NULL CHECK (unit_price_minor >= 0),
  quantity integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (order_id, product_id)
);

-- Every change of stock: the sum of a product's entries is its stock.
CREATE TABLE stock_ledger (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id uuid NOT NULL REFERENCES products,
  delta integer NOT NULL,
  reason text NOT NULL,
  actor_id uuid NOT NULL,
  order_id uuid REFERENCES orders,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX stock_ledger_by_product ON stock_ledger (product_id, id);

-- Down Migration

DROP TABLE stock_ledger, order_lines, orders, products, categories;
