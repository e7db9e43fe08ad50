import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** Where this service's tables live: it shares the database with others, and no table. */
export const schema = 'user_manager';

export type Role = 'customer' | 'admin';
export type Purpose = 'verify-email' | 'reset-password' | 'become-admin';
type Moment = ColumnType<Date, Date | string, Date | string>;

export interface Users {
  id: string;
  email: string;
  name: string;
  password_hash: string;
  role: Generated<Role>;
  email_verified_at: Date | null;
  disabled_at: Date | null;
  created_at: Generated<Date>;
}

export interface Sessions {
  id: string;
  token_hash: Buffer;
  user_id: string;
  user_agent: string;
  address: string;
  created_at: Generated<Date>;
  last_seen_at: Generated<Date>;
  expires_at: Moment;
}

export interface OneTimeTokens {
  token_hash: Buffer;
  purpose: Purpose;
  user_id: string | null;
  expires_at: Moment;
}

export interface AuditLog {
  id: GeneratedAlways<number>;
  at: Generated<Date>;
  action: string;
  actor_id: string | null;
  subject_id: string | null;
  role: Role | null;
  address: string;
}

export interface Tables {
  'user_manager.users': Users;
  'user_manager.sessions': Sessions;
  'user_manager.one_time_tokens': OneTimeTokens;
  'user_manager.audit_log': AuditLog;
}
