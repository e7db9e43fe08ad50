import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Runner } from '../runner/runner.ts';
import { givenPlan } from './given-plan.ts';

test.each([
  ['more than a string holds', 600],
  ['more than Node reads', 2200],
])('a plan with %s is refused before it is read', async (_, mebibytes) => {
  const folder = await mkdtemp(join(tmpdir(), 'given-plan-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'plan.json');
  await writeFile(file, '{"format_version":"1.2",');
  await truncate(file, mebibytes * 2 ** 20);
  await expect(givenPlan({} as Runner, file)).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(
      new RegExp(`^The plan has ${mebibytes} MiB of JSON, and at most 511 can be read`),
    ),
    at: { file },
  });
});
