import { UserError } from '../../runner/errors.ts';
import { CommandFailed, type Runner } from '../../runner/runner.ts';

type Program = 'pg_dump' | 'pg_restore';

/**
 * Runs one of PostgreSQL's programs.
 * @throws UserError with what it said last
 */
export async function program(
  runner: Runner,
  name: Program,
  args: readonly string[],
  options: Parameters<Runner['run']>[2] = {},
): Promise<void> {
  try {
    await runner.run(name, args, options);
  } catch (error) {
    // Broken off, what it was given says why, and not what it made of half of it.
    if (options.source?.errored instanceof UserError) throw options.source.errored;
    if (!(error instanceof CommandFailed)) throw error;
    const said = error.finished.stderr.trim().split('\n').filter(Boolean);
    const why = said.find(line => /\berror:/.test(line)) ?? said.at(-1) ?? 'it said nothing';
    throw new UserError(`${name} failed (exit code ${error.finished.code}): ${why}`);
  }
}

const install =
  "install PostgreSQL's client programs (postgresql-client on Debian and Ubuntu, libpq with Homebrew)";

/**
 * The major version of one of PostgreSQL's programs.
 * @param environment how the database is reached: Debian's choose their version by it
 * @param wanted the version that is to be installed when there is none
 * @throws UserError when it is not there
 */
async function versionOf(
  runner: Runner,
  name: Program,
  environment: Record<string, string>,
  wanted: number,
): Promise<number> {
  const { stdout } = await runner.run(name, ['--version'], { env: environment }).catch(error => {
    if (!(error instanceof UserError) || !error.message.includes('was not found')) throw error;
    throw new UserError(
      `The database can only be dumped and restored with ${name}, which was not found: ${install}, ${wanted} or newer`,
    );
  });
  return Number(/(\d+)/.exec(stdout)?.[1]);
}

/**
 * What reads a database must be at least as new as what it reads from.
 * https://www.postgresql.org/docs/current/app-pgdump.html#PG-DUMP-NOTES
 * @throws UserError when they are not there, or too old
 */
export async function assertPrograms(
  runner: Runner,
  environment: Record<string, string>,
  server: number,
): Promise<void> {
  for (const name of ['pg_dump', 'pg_restore'] as const) {
    const version = await versionOf(runner, name, environment, server);
    if (version < server)
      throw new UserError(
        `The database is of PostgreSQL ${server}, and ${name} here is of ${version}, which cannot dump what is newer: ${install}, ${server} or newer`,
      );
  }
}

/**
 * Since 17, pg_restore sets `transaction_timeout`, which servers before 17 do not know.
 * https://www.postgresql.org/docs/17/release-17.html
 * @throws UserError when it is not there, or the server would refuse what it sends
 */
export async function assertRestorable(
  runner: Runner,
  environment: Record<string, string>,
  server: number,
): Promise<void> {
  const version = await versionOf(runner, 'pg_restore', environment, server);
  if (server < 17 && version >= 17)
    throw new UserError(
      `The database service is of PostgreSQL ${server}, which refuses what pg_restore of ${version} sends ("transaction_timeout"): give it version 17 or newer, into which a dump of an older one fits, or let the PATH lead to a pg_restore of 16 if the dump was made with one`,
    );
}
