import { sql } from 'kysely';
import type { Database } from '../database/kysely.ts';
import { Problem } from '../server/problem.ts';
import { closeAllSessions } from '../sessions/store.ts';
import type { Role } from '../tables.ts';
import { noSuchAccount } from './list.ts';

interface Standing {
  role: Role;
  disabled: boolean;
}

const mayAdminister = ({ role, disabled }: Standing) => role === 'admin' && !disabled;

/**
 * Changes what an account may do, and then ends its sessions; returns whether it was another before. Those who may administer
 * are locked first, so that two of them cannot go at once.
 * @throws {Problem} 404, or 409 when nobody would be left
 */
export const changeStanding = (db: Database, id: string, change: Partial<Standing>): Promise<boolean> =>
  db.transaction().execute(async transaction => {
    const admins = await transaction
      .selectFrom('user_manager.users')
      .select('id')
      .where('role', '=', 'admin')
      .where('disabled_at', 'is', null)
      .orderBy('id')
      .forUpdate()
      .execute();
    const found = await transaction
      .selectFrom('user_manager.users')
      .select(['id', 'role', 'disabled_at'])
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!found) throw noSuchAccount();
    const before = { role: found.role, disabled: found.disabled_at !== null };
    const after = { ...before, ...change };
    if (after.role === before.role && after.disabled === before.disabled) return false;
    if (admins.length === 1 && admins[0]?.id === found.id && !mayAdminister(after))
      throw new Problem(409, 'last-admin', 'The shop would have no administrator.');

    await transaction
      .updateTable('user_manager.users')
      .set({ role: after.role, disabled_at: after.disabled ? sql<Date>`coalesce(disabled_at, now())` : null })
      .where('id', '=', found.id)
      .execute();
    await closeAllSessions(transaction, found.id);
    if (after.disabled)
      await transaction.deleteFrom('user_manager.one_time_tokens').where('user_id', '=', found.id).execute();
    return true;
  });
