import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { buildLock, cacheFolder, toolPath } from '../sandbox/tools/cache.ts';

const shared = cacheFolder();
let home: string;
let cache: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tools-'));
  cache = join(home, 'slipway');
  mkdirSync(join(cache, 'go'), { recursive: true });
  vi.stubEnv('XDG_CACHE_HOME', home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

/** Takes Go's modules or objects from the cache that everybody shares, so that a build takes seconds. */
function share(...folders: ('mod' | 'build')[]): void {
  for (const folder of folders) {
    mkdirSync(join(shared, 'go', folder), { recursive: true });
    symlinkSync(join(shared, 'go', folder), join(cache, 'go', folder));
  }
}

interface Run {
  child: ChildProcess;
  ended: Promise<{ code: number | null; paths: string; said: string }>;
}

function run(env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, ['scripts/tools.ts', 'kubeconform'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const code = new Promise<number | null>(resolve => child.on('exit', resolve));
  const ended = Promise.all([code, text(child.stdout), text(child.stderr)]).then(([code, paths, said]) => ({
    code,
    paths,
    said,
  }));
  return { child, ended };
}

const withoutGo = { PATH: '/nowhere' };
const leftovers = () =>
  existsSync(join(cache, 'tools'))
    ? readdirSync(join(cache, 'tools')).filter(name => name.startsWith('.'))
    : [];

test('two at once build once and say whom they wait for; a third needs neither Go nor a build', async () => {
  share('mod', 'build');
  const lock = await buildLock(
    () => false,
    () => {},
  );
  const both = [run(), run()];
  await Promise.all(
    both.map(
      ({ child }) =>
        new Promise<void>(resolve => {
          child.stderr?.on(
            'data',
            chunk => String(chunk).includes(`waiting for process ${process.pid}`) && resolve(),
          );
        }),
    ),
  );
  lock?.[Symbol.dispose]();

  const results = await Promise.all(both.map(({ ended }) => ended));
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(results.filter(({ said }) => said.includes('kubeconform: built in'))).toHaveLength(1);
  expect(leftovers()).toEqual([]);

  const third = await run(withoutGo).ended;
  expect(third).toEqual({ code: 0, said: '', paths: `kubeconform ${toolPath('kubeconform')}\n` });
  expect(execFileSync(toolPath('kubeconform'), ['-h']).toString()).toContain('Usage: ');
});

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  '%s in the middle leaves no process and nothing half done',
  async signal => {
    share('mod');
    const compilers = () =>
      execFileSync('ps', ['-eo', 'pid,args', '-ww'])
        .toString()
        .split('\n')
        .filter(line => line.includes(cache));
    const { child, ended } = run();
    while (child.exitCode === null && !compilers().some(line => line.includes('/compile'))) await sleep(20);
    child.kill(signal);
    expect((await ended).code).toBeNull();

    for (const end = Date.now() + 5000; compilers().length > 0 && Date.now() < end; ) await sleep(20);
    expect(compilers()).toEqual([]);
    for (const end = Date.now() + 5000; leftovers().length > 0 && Date.now() < end; ) await sleep(20);
    expect(leftovers()).toEqual([]);
    expect(existsSync(toolPath('kubeconform'))).toBe(false);

    // The next one sweeps what a builder left whose leash was killed too.
    mkdirSync(join(cache, 'tools/.building-abandoned'));
    rmSync(join(cache, 'go/build'), { recursive: true });
    share('build');
    expect(await run().ended).toMatchObject({ code: 0 });
    expect(leftovers()).toEqual([]);
  },
);

test.each([
  [
    'Go is off the PATH',
    withoutGo,
    /^Go is not on the PATH, and Go 1\.\d+(\.\d+)? or newer is needed to build kubeconform: .*go\.dev\/dl/,
  ],
  [
    'there is no network',
    { GOPROXY: 'http://127.0.0.1:1' },
    /^The sources of kubeconform are not on this machine .*connect once/,
  ],
])('with a cold cache, %s is one sentence', async (_, env, sentence) => {
  const { code, paths, said } = await run(env).ended;
  expect({ code, paths }).toEqual({ code: 1, paths: '' });
  expect(said.trimEnd().split('\n').at(-1)).toMatch(sentence);
  expect(leftovers()).toEqual([]);
});
