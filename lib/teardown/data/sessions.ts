import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { UserError } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';
import { some } from '../../terraform/text.ts';
import { rows } from './look.ts';

/** For how long it is waited until nobody comes back, in milliseconds. */
const patience = 60_000;

/**
 * Ends the sessions of others in the database of a client: a filter keeps out whoever comes, and not whoever is in. The
 * provider's own superusers stay.
 * @throws UserError when somebody is still there after a minute
 */
export async function expelOthers(runner: Runner, client: Client, database: string): Promise<void> {
  for (const deadline = Date.now() + patience; ; await sleep(500)) {
    const others = await rows<{ user: string }>(
      client,
      `SELECT usename AS user, CASE WHEN pg_has_role(usesysid, 'USAGE') THEN pg_terminate_backend(pid) END AS ended
        FROM pg_stat_activity JOIN pg_roles ON pg_roles.oid = usesysid
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND NOT rolsuper`,
    );
    if (others.length === 0) return;
    const who = some([...new Set(others.map(({ user }) => user))], 3).join(', ');
    if (Date.now() > deadline || runner.stop.aborted)
      throw new UserError(
        `The database ${database} is still used by ${who}, who could write what is in no dump: end these sessions and run this again`,
      );
    runner.progress(`Waiting for ${others.length} sessions of ${who} to leave the database ${database}`);
  }
}
