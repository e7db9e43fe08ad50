-- Up Migration

-- What somebody became, where that is what happened.
ALTER TABLE audit_log ADD COLUMN role text CHECK (role IN ('customer', 'admin'));

-- The log of one account, the latest first.
CREATE INDEX audit_log_by_subject ON audit_log (subject_id, id DESC);
CREATE INDEX audit_log_by_actor ON audit_log (actor_id, id DESC);

-- Down Migration

DROP INDEX audit_log_by_actor, audit_log_by_subject;
ALTER TABLE audit_log DROP COLUMN role;
