import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';

/* How the workflow installs what dumps a database, with a `sudo` that answers as a mirror does. */

let folder: string;
let script: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-programs-'));
  const file = join(import.meta.dirname, '../../.github/workflows/teardown.yml');
  const { jobs } = parse(await readFile(file, 'utf8'));
  const steps: { run?: string }[] = jobs.teardown.steps;
  script = steps.find(({ run }) => run?.includes('postgresql-client'))?.run ?? '';
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const runner = ['--noprofile', '--norc', '-eo', 'pipefail', '-c']; // as GitHub starts it

test.each([
  ['at once', 0, 2, false],
  ['at the second try', 1, 3, false],
  ['never', 9, 3, true],
])('a mirror that answers %s', async (_, failures, calls, isWarned) => {
  const [log, sudo] = [join(folder, 'log'), join(folder, 'sudo')];
  await writeFile(log, '');
  await writeFile(sudo, `#!/bin/sh\necho "$@" >>'${log}'\n[ $(wc -l <'${log}') -gt ${failures} ]\n`);
  await writeFile(join(folder, 'sleep'), '#!/bin/sh\n');
  for (const name of [sudo, join(folder, 'sleep')]) await chmod(name, 0o755);
  const env = { PATH: `${folder}:${process.env.PATH}` };
  const { stdout } = await promisify(execFile)('bash', [...runner, script], { env });
  const lines = (await readFile(log, 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(calls);
  expect(lines[0]).toBe('/usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y');
  if (!isWarned) expect(lines.at(-1)).toBe('apt-get install -y postgresql-client-18');
  expect(stdout.startsWith('::warning::')).toBe(isWarned);
});
