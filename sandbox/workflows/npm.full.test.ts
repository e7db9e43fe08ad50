import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { key } from './bundles.ts';

/* The npm of a job: what is the same as here is linked, and everything else is npm's. */

const root = join(import.meta.dirname, '../..');
let scratch: string;
let checkout: string;
let bundles: string;

beforeAll(async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), 'slipway-npm-')));
  checkout = join(scratch, 'checkout');
  for (const path of ['package-lock.json', 'scripts/build.ts', 'lib/platform', 'actions/plan'])
    await cp(join(root, path), join(checkout, path), { recursive: true });
  bundles = join(scratch, 'bundles');
  await mkdir(join(bundles, key(checkout)), { recursive: true });
  await writeFile(join(scratch, 'npm'), '#!/bin/sh\necho "npm itself: $@"\n', { mode: 0o755 });
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const npm = (...args: string[]) =>
  execFileSync(
    process.execPath,
    [join(import.meta.dirname, 'npm.ts'), bundles, join(scratch, 'npm'), ...args],
    { cwd: checkout, encoding: 'utf8' },
  );

test('dependencies of the same lock and bundles of the same sources are linked, those of others are made', async () => {
  npm('ci');
  expect(await realpath(join(checkout, 'node_modules'))).toBe(await realpath(join(root, 'node_modules')));
  npm('run', 'build');
  expect(await realpath(join(checkout, 'dist'))).toBe(join(bundles, key(checkout)));
  expect(npm('test')).toBe('npm itself: test\n');

  for (const name of ['node_modules', 'dist']) await rm(join(checkout, name));
  await writeFile(join(checkout, 'lib/platform/load.ts'), 'export {};\n');
  expect(npm('run', 'build')).toMatch(/other sources[\s\S]*npm itself: run build\n$/);
  await writeFile(join(checkout, 'package-lock.json'), '{}\n');
  expect(npm('ci')).toBe('npm itself: ci\n');
});
