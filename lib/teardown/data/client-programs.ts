import { UserError } from '../../runner/errors.ts';
import { CommandFailed, type Runner } from '../../runner/runner.ts';

/**
 * Runs one of PostgreSQL's programs.
 * @throws UserError with what it said last
 */
export async function program(
  runner: Runner,
  name: 'pg_dump' | 'pg_restore',
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
 * What reads a database must be at least as new as what it reads from.
 * https://www.postgresql.org/docs/current/app-pgdump.html#PG-DUMP-NOTES
 * @param environment how the database is reached: Debian's choose their version by it
 * @throws UserError when they are not there, or too old
 */
export async function assertPrograms(
  runner: Runner,
  environment: Record<string, string>,
  server: number,
): Promise<void> {
  for (const name of ['pg_dump', 'pg_restore']) {
    const { stdout } = await runner.run(name, ['--version'], { env: environment }).catch(error => {
      if (!(error instanceof UserError) || !error.message.includes('was not found')) throw error;
      throw new UserError(
        `The database can only be dumped with ${name}, which was not found: ${install}, ${server} or newer`,
      );
    });
    const version = Number(/(\d+)/.exec(stdout)?.[1]);
    if (version < server)
      throw new UserError(
        `The database is of PostgreSQL ${server}, and ${name} here is of ${version}, which cannot dump what is newer: ${install}, ${server} or newer`,
      );
  }
}
