import { expect, test } from 'vitest';
import { UserError } from '../../runner/errors.ts';
import { CommandFailed, type Runner } from '../../runner/runner.ts';
import { assertPrograms, assertRestorable, program } from './client-programs.ts';

const running = (answer: (command: string) => string) =>
  ({
    run: async (command: string) => ({ code: 0, stdout: answer(command), stderr: '' }),
  }) as unknown as Runner;

test.each(['pg_dump (PostgreSQL) 17.2', 'pg_dump (PostgreSQL) 18.1 (Debian 18.1-1.pgdg12+2)'])(
  '%s dumps a server of 17',
  async line => {
    await assertPrograms(
      running(() => line),
      {},
      17,
    );
  },
);

test('one that is older is told, with what to install', async () => {
  const runner = running(command => `${command} (PostgreSQL) ${command === 'pg_restore' ? 15 : 17}.18`);
  await expect(assertPrograms(runner, {}, 17)).rejects.toThrow(
    /^The database is of PostgreSQL 17, and pg_restore here is of 15, .*install .*17 or newer$/,
  );
});

test('one that is not there is told the same way', async () => {
  const runner = running(command => {
    throw new UserError(`The command "${command}" was not found: install it and see that it is on the PATH`);
  });
  await expect(assertPrograms(runner, {}, 17)).rejects.toThrow(
    /^The database can only be dumped and restored with pg_dump, which was not found: install .*17 or newer$/,
  );
});

test('of what a program says, the error is told', async () => {
  const stderr =
    'pg_dump: last built-in OID\npg_dump: error: query failed: no\npg_dump: detail: Query was: x\n';
  const runner = {
    async run() {
      throw new CommandFailed('pg_dump', [], { code: 1, stdout: '', stderr });
    },
  } as unknown as Runner;
  await expect(program(runner, 'pg_dump', [])).rejects.toThrow(
    'pg_dump failed (exit code 1): pg_dump: error: query failed: no',
  );
});

test.each([
  [15, 15],
  [18, 17],
  [18, 18],
])('pg_restore of %d fills a server of %d', async (version, server) => {
  await assertRestorable(
    running(command => `${command} (PostgreSQL) ${version}.1`),
    {},
    server,
  );
});

test('a server that does not know what pg_restore sends is told, with the way out', async () => {
  const runner = running(command => `${command} (PostgreSQL) 18.1`);
  await expect(assertRestorable(runner, {}, 16)).rejects.toThrow(
    /^The database service is of PostgreSQL 16, which refuses what pg_restore of 18 sends .* 17 or newer/,
  );
});
