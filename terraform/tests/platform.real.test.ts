import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openRun } from '../../sandbox/run.ts';
import { terraformMirror } from '../../sandbox/terraform-mirror.ts';
import { tool } from '../../sandbox/tools/build.ts';

const terraform = dirname(import.meta.dirname);
const here = [join(terraform, '.terraform'), join(terraform, '.terraform.lock.hcl')];

test('terraform validate and terraform test, with the real provider and no API', async () => {
  await using run = openRun();
  const folder = join(run.folder, 'terraform');
  // A checkout that is in use has a lock file of the registry's provider, which is another file than the one built here.
  await cp(terraform, folder, { recursive: true, filter: path => !here.includes(path) });
  const env = run.environment({
    TF_CLI_CONFIG_FILE: await terraformMirror(run.folder, await tool('terraform-provider-exoscale')),
    TF_IN_AUTOMATION: '1',
  });
  const tf = (...args: string[]) =>
    promisify(execFile)('terraform', [...args, '-no-color'], { cwd: folder, env });

  await tf('fmt', '-check', '-recursive');
  await tf('init', '-backend=false');
  await tf('validate');
  const { stdout } = await tf('test').catch((failed: { stdout: string; stderr: string }) => failed);
  expect(stdout, stdout).toMatch(/Success! \d+ passed, 0 failed/);
});
