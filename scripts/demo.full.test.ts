import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processesOf, startDemo } from './demo/testing.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'slipway-demo-test-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** A TMPDIR that PostgreSQL, which root's demo runs as somebody else, gets through. */
async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(scratch, 'tmp-'));
  for (const each of [scratch, folder]) await chmod(each, 0o711);
  return folder;
}

const demoIn = (folder: string, args: string[] = []) =>
  startDemo({ env: { ...process.env, TMPDIR: folder }, args });

/** The guard sweeps within moments of the owner's death; a machine that is busy may take longer. */
async function nothingLeft(folder: string): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(200)) {
    if (processesOf(folder).length === 0 && (await readdir(folder)).length === 0) return;
  }
  expect({ processes: processesOf(folder), files: await readdir(folder) }).toEqual({
    processes: [],
    files: [],
  });
}

test('two demos at once do not collide, each lives its whole life, and nothing is left of either', async () => {
  const folders = await Promise.all([temporary(), temporary()]);
  const demos = folders.map(folder => demoIn(folder));
  expect(await Promise.all(demos.map(demo => demo.ended))).toEqual([0, 0]);
  for (const demo of demos) {
    const text = demo.output();
    expect(text).toContain('staging: no changes');
    // The pull request to production shows what lies between the two versions.
    expect(text).toMatch(/Promote product to production[\s\S]*product: 1 commit[\s\S]*Shelves hold more\./);
    expect(text).toMatch(/staging: \d+ things are gone, nothing billable is left/);
    expect(text).toMatch(/production: \d+ things are gone, nothing billable is left/);
    expect(text).toContain('The zone is as it was, byte for byte.');
    expect(text).toMatch(/✓ Done in .*; nothing is left running\.\n$/);
  }
  for (const folder of folders) expect(await readdir(folder)).toEqual([]);
  expect(folders.flatMap(processesOf)).toEqual([]);
});

// Where in its life the demo is stopped, and by what.
const moments = [
  ['SIGKILL', /repositories are on GitHub/, 0],
  ['SIGKILL', /✓ plan: /, 300],
  ['SIGKILL', /✓ merged/, 6000],
  ['SIGKILL', /Argo CD takes over/, 5000],
  ['SIGKILL', /dispatch takes everything down/, 3000],
  ['SIGTERM', /✓ merged/, 3000],
  ['SIGINT', /A team copies/, 0],
  ['SIGINT', /Argo CD takes over/, 8000],
] as const;

test.each(moments)('%s after %s and %d ms ends everything', async (signal, moment, milliseconds) => {
  const folder = await temporary();
  const demo = demoIn(folder);
  await demo.printed(moment);
  await sleep(milliseconds);
  demo.process.kill(signal);
  expect(await demo.ended).not.toBe(0);
  await nothingLeft(folder);
  if (signal !== 'SIGKILL')
    expect(demo.output()).toContain(`Stopped by ${signal}: everything that was started has been ended`);
});

/** Mounts and namespaces are root's, and a container may keep even root from them. */
const may = (...command: [string, ...string[]]) =>
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync(command[0], command.slice(1)).status === 0;

test.runIf(may('unshare', '--mount', 'true'))('a disk that fills up half-way is one sentence', async () => {
  const folder = await temporary();
  // In a mount namespace of the demo's own, so that the small disk goes with it.
  const command = [
    'unshare',
    '--mount',
    'sh',
    '-c',
    'mount -t tmpfs -o size=1100M,mode=711 none "$0" && exec "$@"',
    folder,
  ];
  const demo = startDemo({ env: { ...process.env, TMPDIR: folder }, command });
  await demo.printed(/✓ plan: /);
  const disk = join('/proc', String(demo.process.pid), 'root', folder, 'ballast');
  spawnSync('dd', ['if=/dev/zero', `of=${disk}`, 'bs=1M']);
  expect(await demo.ended).toBe(1);
  const errors = demo
    .output()
    .split('\n')
    .filter(line => line.startsWith('error:'));
  expect(errors).toEqual([
    expect.stringMatching(/^error: The disk is full: make room in .*, and run the demo again$/),
  ]);
  expect(demo.output()).not.toMatch(/^ +at /m);
  expect(processesOf(folder)).toEqual([]);
});

test.runIf(may('unshare', '--net', 'ip', 'link', 'set', 'lo', 'up'))(
  'with a warm cache it needs no network',
  async () => {
    const folder = await temporary();
    const command = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
    const demo = startDemo({ env: { ...process.env, TMPDIR: folder }, command });
    expect([await demo.ended, demo.output().split('\n').at(-2)]).toEqual([
      0,
      expect.stringContaining('✓ Done in'),
    ]);
    await nothingLeft(folder);
  },
);
