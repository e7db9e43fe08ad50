-- Up Migration

CREATE TABLE users (
  id uuid PRIMARY KEY,
  -- In lower case: two accounts never differ by case alone.
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  name text NOT NULL,
  password_hash text NOT NULL,
  role text NOT NULL DEFAULT 'customer' CHECK (role IN ('customer', 'admin')),
  email_verified_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  -- SHA-256 of the cookie's value, which is stored nowhere.
  token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  user_agent text NOT NULL,
  address text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- What is sent by mail, or printed for an operator, and works once.
CREATE TABLE one_time_tokens (
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  purpose text NOT NULL CHECK (purpose IN ('verify-email', 'reset-password', 'become-admin')),
  user_id uuid REFERENCES users ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  CHECK ((user_id IS NULL) = (purpose = 'become-admin'))
);
CREATE INDEX one_time_tokens_by_expiry ON one_time_tokens (expires_at);

-- Attempts in a window of time, by SHA-256 of whom they concern.
CREATE TABLE throttle (
  key bytea PRIMARY KEY,
  hits integer NOT NULL,
  resets_at timestamptz NOT NULL
);
CREATE INDEX throttle_by_reset ON throttle (resets_at);

CREATE TABLE audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  action text NOT NULL,
  -- Who did it and to whom; no reference, because the log outlives accounts.
  actor_id uuid,
  subject_id uuid,
  address text NOT NULL
);

-- Down Migration

DROP TABLE audit_log, throttle, one_time_tokens, sessions, users;
