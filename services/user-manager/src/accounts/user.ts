import type { Selectable } from 'kysely';
import { type Static, Type } from 'typebox';
import { text, timestamp, uuid } from '../server/validation.ts';
import type { Users } from '../tables.ts';

/** ASCII only, so that lower case is the same to everybody; compared without case. */
export const email = () => Type.String({ format: 'email', maxLength: 254, examples: ['ada@example.com'] });
export const personName = () => text(1, 100);
export const role = Type.Union([Type.Literal('customer'), Type.Literal('admin')]);

export const user = Type.Object({
  id: uuid(),
  email: Type.String(),
  name: Type.String(),
  role,
  emailVerified: Type.Boolean(),
  disabled: Type.Boolean({ description: 'Nobody logs in with it' }),
  createdAt: timestamp(),
});

/** What people see of an account. */
export const toUser = (row: Selectable<Users>): Static<typeof user> => ({
  id: row.id,
  email: row.email,
  name: row.name,
  role: row.role,
  emailVerified: row.email_verified_at !== null,
  disabled: row.disabled_at !== null,
  createdAt: row.created_at.toISOString(),
});
