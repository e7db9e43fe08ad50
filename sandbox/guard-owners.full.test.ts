import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { expectGone, forever, type Owner, owner, patiently, script, witnesses } from './guard-testing.ts';

const guardOf = ({ folder }: Owner) =>
  Number.parseInt(witnesses(folder).find(line => line.includes('guard-process.ts')) ?? '', 10);

test.runIf(process.platform === 'linux').each<[string, string, (owner: Owner) => unknown]>([
  ['ends and has forgotten to close it', '', () => {}],
  ['throws', 'throw 1', () => {}],
  ['is killed while it closes', 'run.close(); process.kill(process.pid, "SIGKILL");', () => {}],
  [
    'is killed, with a guard that took over from one that was killed',
    forever,
    async owner => {
      const first = guardOf(owner);
      process.kill(first, 'SIGKILL');
      await expect.poll(() => guardOf(owner), patiently).not.toBeOneOf([first, Number.NaN]);
      owner.child.kill('SIGKILL');
    },
  ],
  [
    'closes it at the moment when the guard is killed',
    forever,
    owner => {
      process.kill(guardOf(owner), 'SIGKILL');
      owner.child.kill('SIGUSR2');
    },
  ],
  [
    'is killed while a child makes children without end',
    `const bomb = 'while :; do sleep 60 & (unset TMPDIR; exec sleep 60) & sleep 0.01; done';
     await run.start('bomb', 'sh', ['-c', bomb]); ${forever}`,
    async ({ child }) => {
      await sleep(300);
      child.kill('SIGKILL');
    },
  ],
])('nothing is left of a run whose owner %s', async (_, body, end) => {
  const one = await owner(body);
  await end(one);
  await expectGone(one);
});

test.runIf(process.getuid?.() === 0)('it needs no root', async () => {
  const one = await owner(forever, { uid: 65534, gid: 65534 });
  one.child.kill('SIGKILL');
  await expectGone(one);
});

test('the owner ends when whoever started it has vanished', async () => {
  const one = await owner(forever, { wrap: ['sh', '-c', '"$@" & wait', 'sh'] });
  const closed = once(one.child, 'close'); // the owner held its standard output
  one.child.kill('SIGKILL');
  await closed;
  await expectGone(one);
});

test('a run within a run goes with it', async () => {
  const inner = ['--input-type=module', '-e', script(forever)];
  const outer = await owner(`
    await run.start('inner', process.execPath, ${JSON.stringify(inner)});
    ${forever}`);
  await expect
    .poll(() => witnesses(`${outer.folder}/tmp/slipway-`).join(), patiently)
    .toContain('sleep 1000');
  outer.child.kill('SIGKILL');
  await expectGone(outer);
});

test('who only speaks of the folder lives on', async () => {
  const one = await owner(forever);
  const bystander = spawn('sh', ['-c', 'sleep 60; :', `TMPDIR=${one.folder}/tmp`], {
    env: { PATH: process.env.PATH, NOTE: `TMPDIR=${one.folder}/tmp`, TMPDIR: `${one.folder}0/tmp` },
    stdio: 'ignore',
  });
  one.child.kill('SIGKILL');
  await expect.poll(() => existsSync(one.folder), patiently).toBe(false);
  await sleep(200);
  expect([bystander.exitCode, bystander.signalCode]).toEqual([null, null]);
  bystander.kill('SIGKILL');
});
