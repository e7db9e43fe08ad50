-- Up Migration

-- For parts of names and for names that are spelt alike, where the server can tell what is alike.
DO $$
DECLARE
  extension name := (
    SELECT nspname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm'
  );
BEGIN
  IF extension IS NOT NULL THEN
    EXECUTE format('CREATE INDEX products_by_likeness ON products USING gin (name %I.gin_trgm_ops)', extension);
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'Search goes without an index of what is alike: %', SQLERRM;
END
$$;

-- Down Migration

DROP INDEX IF EXISTS products_by_likeness;
