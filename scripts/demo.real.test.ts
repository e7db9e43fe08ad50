import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemo } from './demo/testing.ts';

/* What stops the demo is one sentence, before or instead of a stack, and nothing is left. */

const root = dirname(import.meta.dirname);
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'slipway-demo-test-'));
  await chmod(scratch, 0o711);
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** A PATH of links to these commands and no others. */
async function only(...commands: string[]): Promise<string> {
  const folder = await mkdtemp(join(scratch, 'bin-'));
  for (const command of ['sh', 'ls', 'ps', 'id', ...commands]) {
    for (const place of (process.env.PATH ?? '').split(delimiter)) {
      const found = await readdir(place).then(
        names => names.includes(command),
        () => false,
      );
      if (!found) continue;
      await symlink(join(place, command), join(folder, command));
      break;
    }
  }
  return folder;
}

async function run(env: Record<string, string>, args: string[] = [], checkout?: string) {
  const temporary = await mkdtemp(join(scratch, 'tmp-'));
  await chmod(temporary, 0o711);
  const demo = startDemo({
    env: { ...process.env, TMPDIR: temporary, ...env },
    args,
    ...(checkout && { checkout }),
  });
  const code = await demo.ended;
  const errors = demo
    .output()
    .split('\n')
    .filter(line => line.startsWith('error: '));
  return { code, errors, output: demo.output(), left: await readdir(temporary) };
}

test('terraform and git off the PATH are told at once, each with where to get it', async () => {
  const { code, errors, left } = await run({ PATH: await only() });
  expect(code).toBe(1);
  expect(errors).toEqual([
    expect.stringMatching(/^error: terraform is not on the PATH: install it \(1\.10 or newer: .+\)$/),
    expect.stringMatching(/^error: git is not on the PATH: install it \(2\.38 or newer: .+\)$/),
  ]);
  expect(left).toEqual([]);
});

test('a terraform that is too old is told beside a Go that is missing, before anything is started', async () => {
  const folder = await only('git');
  await writeFile(join(folder, 'terraform'), '#!/bin/sh\necho Terraform v1.5.7\n', { mode: 0o755 });
  const { code, errors, left } = await run({ PATH: folder, XDG_CACHE_HOME: join(scratch, 'empty') });
  expect(code).toBe(1);
  expect(errors).toEqual([
    expect.stringMatching(/^error: terraform is 1\.5\.7: install 1\.10 or newer \(.+\)$/),
    expect.stringMatching(/^error: Go is not on the PATH, and Go 1\.\S+ or newer is needed to .*go\.dev\/dl/),
  ]);
  expect(left).toEqual([]);
});

test('Go off the PATH with a cold cache is one sentence', async () => {
  const cold = join(scratch, 'cold');
  const { code, errors, output, left } = await run({
    PATH: await only('terraform', 'git'),
    XDG_CACHE_HOME: cold,
  });
  expect(code).toBe(1);
  expect(errors).toEqual([expect.stringMatching(/Go .*(go\.dev\/dl)/)]);
  expect(output).not.toMatch(/^ {4}at /m);
  expect(left).toEqual([]);
});

test('a cold cache without network is one sentence', async () => {
  const { code, errors, left } = await run({ GOPROXY: 'off', XDG_CACHE_HOME: join(scratch, 'offline') });
  expect(code).toBe(1);
  expect(errors).toEqual([expect.stringMatching(/no network .* connect once/)]);
  expect(left).toEqual([]);
});

test('every mistake in platform.yaml is told at its line before anything is started', async () => {
  const checkout = join(scratch, 'checkout');
  await mkdir(checkout);
  for (const name of ['lib', 'sandbox', 'scripts', 'tools', 'package.json']) {
    await cp(join(root, name), join(checkout, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const platform = await readFile(join(root, 'platform.yaml'), 'utf8');
  await writeFile(
    join(checkout, 'platform.yaml'),
    platform.replace('name: shop', 'nam: shop').replace('from: staging', 'from: stage'),
  );
  const { code, errors, left } = await run({}, [], checkout);
  expect(code).toBe(1);
  expect(errors).toEqual([
    expect.stringMatching(/platform\.yaml:\d+:\d+: "name" is missing/),
    expect.stringMatching(/platform\.yaml:\d+:\d+: Unknown key "nam": did you mean "name"\?/),
  ]);
  expect(left).toEqual([]);
});

test('an option that it does not have is answered with the nearest that it has', async () => {
  const { code, errors } = await run({}, ['--kep']);
  expect(code).toBe(1);
  expect(errors).toEqual([expect.stringMatching(/no option --kep: did you mean --keep\?/)]);
});
