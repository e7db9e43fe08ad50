import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openRun, type Run } from './run.ts';

let run: Run;
beforeEach(() => {
  run = openRun();
});
afterEach(() => run.close());

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a process is up when its check passes, and its output is in its log', async () => {
  const sign = join(run.folder, 'sign');
  const child = await run.start('slow', 'sh', ['-c', `echo hello; sleep 0.2; : > sign; exec sleep 100`], {
    ready: async () => statSync(sign),
  });
  expect(alive(child.pid)).toBe(true);
  expect(readFileSync(join(run.folder, 'logs/slow.log'), 'utf8')).toBe('hello\n');
  await child.stop();
  expect(alive(child.pid)).toBe(false);
  expect(run.broken.aborted).toBe(false);
});

test.each([
  ['ends first', 'echo no such disk >&2; exit 3', /^part ended by itself \(exit code 3\).*\nno such disk$/s],
  [
    'dies as Go does',
    'echo "fatal error: fault"; yes frame | head -50; exit 2',
    /^part ended by itself \(exit code 2\)[^\n]*\nfatal error: fault\nframe/,
  ],
  ['is killed first', 'kill -9 $$', /^part ended by itself \(SIGKILL\)/],
  [
    'does not come up in time',
    'echo waiting; sleep 100',
    /^part was not ready after 0.5 s \(Error: not yet\).*\nwaiting$/s,
  ],
])('a process that %s is a failed start that says why', async (_, script, message) => {
  const ready = () => Promise.reject(new Error('not yet'));
  await expect(run.start('part', 'sh', ['-c', script], { ready, seconds: 0.5 })).rejects.toThrow(message);
  expect(run.broken.aborted).toBe(false);
});

test('a command that does not exist is a failed start', async () => {
  await expect(run.start('part', 'no-such-command', [])).rejects.toThrow('no-such-command');
});

test('a process that ends after it was up breaks the run', async () => {
  await run.start('fragile', 'sh', ['-c', 'sleep 0.1; echo out of memory; exit 1']);
  await expect.poll(() => run.broken.aborted).toBe(true);
  expect(String(run.broken.reason)).toMatch(/fragile ended by itself \(exit code 1\).*out of memory/s);
});

test('closing ends everything, does not count as breaking, and may be done twice', async () => {
  const child = await run.start('plain', 'sleep', ['100']);
  const starting = run.start('late', 'sleep', ['100'], { ready: () => Promise.reject(new Error('never')) });
  const late = expect(starting).rejects.toThrow('late was ended with its run');
  await sleep(100);
  await Promise.all([run.close(), run.close()]);
  await late;
  expect([alive(child.pid), existsSync(run.folder), run.broken.aborted]).toEqual([false, false, false]);
  await expect(run.start('more', 'sleep', ['100'])).rejects.toThrow('its run has ended');
});

test('what runs in it knows little of the world outside', async () => {
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('HTTPS_PROXY', 'http://proxy.example.com');
  const environment = run.environment({ ONE: '1', TMPDIR: '/elsewhere' });
  vi.unstubAllEnvs();
  expect(environment).toMatchObject({
    ONE: '1',
    PATH: process.env.PATH,
    HOME: join(run.folder, 'home'),
    TMPDIR: join(run.folder, 'tmp'),
  });
  expect(environment).not.toHaveProperty('AWS_SECRET_ACCESS_KEY');
  expect(environment).not.toHaveProperty('HTTPS_PROXY');
});
