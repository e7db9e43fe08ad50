import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runAction } from '../sandbox/runner.ts';
import { build } from './build.ts';
import { actions } from './docs.ts';

const root = dirname(import.meta.dirname);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-dist-'));
  await build(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const cases = actions().flatMap(action => [
  [action, {}] as const,
  [action, { environment: 'stagin', confirm: 'stagin', service: 'ui', image: 'x', revision: 'y' }] as const,
]);

test.each(cases)('%s with %j says the same from its bundle as from its source', async (action, inputs) => {
  const env = {
    EXOSCALE_API_KEY: 'EXOkey',
    EXOSCALE_API_SECRET: 'a-secret',
    CLOUDFLARE_API_TOKEN: 'a-token',
    GITHUB_TOKEN: 'ghs_x',
  };
  const step = { action, inputs, cwd: root, env };
  const [source, bundle] = await Promise.all([
    runAction({ ...step, bundles: 'source' }),
    runAction({ ...step, bundles: folder }),
  ]);
  expect(source.code).toBe(1);
  expect(source.annotations[0]?.message).toMatch(/environment/);
  expect(bundle).toEqual(source);
});
