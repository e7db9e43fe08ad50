import { sql } from 'kysely';
import type { Database } from './database/kysely.ts';
import type { Role } from './tables.ts';

export const actions = [
  'registered',
  'logged-in',
  'login-failed',
  'logged-out',
  'session-revoked',
  'sessions-revoked',
  'password-changed',
  'password-reset',
  'email-verified',
  'role-changed',
  'became-admin',
  'account-disabled',
  'account-enabled',
] as const;
export type Action = (typeof actions)[number];

/** Writes down who did what to whom, and from where. No secret and no address of a stranger's mail is in it. */
export const record = (
  db: Database,
  entry: {
    action: Action;
    actor?: string | null;
    subject?: string | null;
    /** What the subject became. */
    role?: Role;
    address: string;
  },
) =>
  db
    .insertInto('user_manager.audit_log')
    .values({
      action: entry.action,
      actor_id: entry.actor ?? null,
      subject_id: entry.subject ?? entry.actor ?? null,
      role: entry.role ?? null,
      address: entry.address,
      at: sql<Date>`now()`,
    })
    .execute();
