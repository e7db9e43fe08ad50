import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';

interface Owner {
  child: ChildProcess;
  /** The run's folder, which the owner says when what it starts is running. */
  folder: string;
}

/** For expect.poll, on a machine that has much else to do. */
const patiently = { timeout: 30_000 };

const script = (body: string) => `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { openRun } from ${JSON.stringify(import.meta.resolve('./run.ts'))};
  const run = openRun();
  process.once('SIGUSR2', () => run.close().then(() => process.exit()));
  await run.start('plain', 'sleep', ['1000']);
  await run.start('family', 'sh', ['-c', 'sleep 1000 & (unset TMPDIR; exec sleep 1000) & wait']);
  console.log(run.folder);
  ${body}`;

/** A process that opens a run with children and does then what `body` says; SIGUSR2 makes it close the run. */
async function owner(
  body: string,
  options: { wrap?: string[]; uid?: number; gid?: number } = {},
): Promise<Owner> {
  const { wrap = [], ...user } = options;
  const [command = '', ...args] = [...wrap, process.execPath, '--input-type=module', '-e', script(body)];
  const child = spawn(command, args, {
    ...user,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const folder of createInterface({ input: child.stdout })) return { child, folder };
  throw new Error('the owner said nothing');
}

/** Every process that has to do with the folder: by its environment, its arguments or where it is. */
function witnesses(folder: string): string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const all = command + readFileSync(`/proc/${pid}/environ`, 'utf8');
        return all.includes(folder) ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}

async function expectGone({ folder }: Owner): Promise<void> {
  await expect.poll(() => existsSync(folder), patiently).toBe(false);
  await expect.poll(() => witnesses(folder), patiently).toEqual([]);
}

const guardOf = ({ folder }: Owner) =>
  Number.parseInt(witnesses(folder).find(line => line.includes('guard-process.ts')) ?? '', 10);
const forever = 'await sleep(1e9);';

test.runIf(process.platform === 'linux').each<[string, string, (owner: Owner) => unknown]>([
  ['closes it', 'await run.close();', () => {}],
  ['ends and has forgotten to close it', '', () => {}],
  ['throws', 'throw 1', () => {}],
  ['is killed', forever, ({ child }) => child.kill('SIGKILL')],
  ['is killed while it closes', 'run.close(); process.kill(process.pid, "SIGKILL");', () => {}],
  [
    'hears ^C together with its group',
    forever,
    ({ child }) => process.kill(-(child.pid as number), 'SIGINT'),
  ],
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
