-- Up Migration

-- Since when nobody logs in with this account.
ALTER TABLE users ADD COLUMN disabled_at timestamptz;

-- Down Migration

ALTER TABLE users DROP COLUMN disabled_at;
