import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { Environment, Run } from '../run.ts';
import { bundlesFolder } from './bundles.ts';

/** What the processes of a job see: Node 24 first, an npm that needs no registry, and no packages but this machine's. */
export async function prepare(run: Run, outside: Environment): Promise<Environment> {
  const folder = join(run.folder, 'job-bin');
  const node = dirname(process.execPath);
  const npm =
    (outside.PATH ?? '')
      .split(delimiter)
      .map(each => join(each, 'npm'))
      .find(existsSync) ?? 'npm';
  const quoted = [process.execPath, join(import.meta.dirname, 'npm.ts'), bundlesFolder(), npm].map(
    part => `'${part}'`,
  );
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'npm'), `#!/bin/sh\nexec ${quoted.join(' ')} "$@"\n`);
  await writeFile(join(folder, 'sudo'), sudo);
  for (const name of ['npm', 'sudo']) await chmod(join(folder, name), 0o755);
  // What Node keeps of a bundle is found by its path, which is the same for every job.
  const compiled = { NODE_COMPILE_CACHE: join(bundlesFolder(), 'compiled') };
  // act gives every step a terminal, which no runner has: nothing may page or colour because of it.
  const plain = { NO_COLOR: '1', TERM: 'dumb', PAGER: 'cat', GIT_PAGER: 'cat' };
  return { ...outside, ...compiled, ...plain, PATH: [folder, node, outside.PATH].join(delimiter) };
}

/** Installing leads to registries: what is here is taken, and the action that needs it says if that is not enough. */
const sudo = `#!/bin/sh
case "$*" in
  */apt.postgresql.org.sh\\ -y | apt-get\\ install\\ *) echo "not installed here: $*" ;;
  *) exec "$@" ;;
esac
`;
