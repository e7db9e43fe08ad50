import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StepResult } from '../../sandbox/runner.ts';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

/*
 * An apply with a slow backend, and somebody who kills the action or Terraform at any point of it. Whatever happens, the
 * state can be read, the lock is free, nothing goes on in secret, and the next run makes what the first one would have.
 */

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const module = `${backend}
resource "terraform_data" "one" {}
resource "terraform_data" "two" {
  depends_on = [terraform_data.one]
  provisioner "local-exec" { command = "sleep 1" }
}
resource "terraform_data" "three" {
  depends_on = [terraform_data.two]
}
`;

/** A line of the log, or a request for the state. */
interface Point {
  when: string;
  line?: RegExp;
  request?: RegExp;
}

const points: Point[] = [
  { when: 'it begins', line: /^apply$/ },
  { when: 'it initialises', line: /^::group::Prepare Terraform/ },
  { when: 'it takes the lock', request: /^PUT .*\.tflock/ },
  { when: 'it plans', line: /^::group::Plan staging/ },
  { when: 'it has planned', line: /^staging: 3 to create/ },
  { when: 'it begins to apply', line: /^::group::Apply staging/ },
  { when: 'the first resource is there', line: /\.one: Creation complete/ },
  { when: 'the second resource is there', line: /\.two: Creation complete/ },
  { when: 'the state is being written', request: /^PUT .*\/staging\.tfstate(\?|$)/ },
  { when: 'Terraform has applied', line: /^Apply staging: / },
];
const signals = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;

const rows = [
  ...points.flatMap(point => signals.map(signal => ({ victim: 'the action', signal, ...point }))),
  ...points.flatMap(point => signals.map(signal => ({ victim: 'Terraform', signal, ...point }))),
].map((row, index) => ({ ...row, name: `kill-${index}` }));

/** The pids of what runs in a checkout. */
const running = (cwd: string): { pid: number; command: string }[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        if (!readlinkSync(`/proc/${name}/cwd`).startsWith(cwd)) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), command }];
      } catch {
        return []; // gone meanwhile
      }
    });

/** Runs an apply and, once it has come to a point, calls `strike` with the pid of its entry until that has struck. */
async function struck(
  cwd: string,
  { line: sought, request }: Omit<Point, 'when'>,
  strike: (pid: number) => boolean,
): Promise<StepResult> {
  let entry = 0;
  let reached = false;
  let done = false;
  const once = () => {
    reached = true;
    done ||= strike(entry);
  };
  const from = world.storage.requests.length;
  const name = cwd.split('/').at(-1);
  const look = setInterval(() => {
    const found = world.storage.requests
      .slice(from)
      .some(each => each.includes(`/${name}/`) && request?.test(each));
    if (found || reached) once();
  }, 10);
  try {
    return await world.step('apply', cwd, {
      started: ({ pid = 0 }) => {
        entry = pid;
      },
      onLine: line => {
        if (sought?.test(line)) once();
      },
    });
  } finally {
    clearInterval(look);
    expect(done, 'the apply came to the point, and there was somebody to signal').toBe(true);
  }
}

/** False when there is no such process, or no more. */
function signal(pid: number | undefined, name: NodeJS.Signals): boolean {
  try {
    return pid !== undefined && pid > 0 && process.kill(pid, name);
  } catch {
    return false;
  }
}

/** What must be true of a checkout's state whatever has happened. */
async function sound(name: string, cwd: string, log: string): Promise<void> {
  for (const deadline = Date.now() + 20_000; running(cwd).length > 0; await sleep(50))
    expect(Date.now(), `${JSON.stringify(running(cwd))} goes on in secret`).toBeLessThan(deadline);
  const state = await world.object(`${name}/staging.tfstate`);
  if (state !== undefined) JSON.parse(state);
  expect(await world.object(`${name}/staging.tfstate.tflock`), log).toBeUndefined();
  expect(await world.object(`${name}/staging.tfstate.errored`), log).toBeUndefined();
  expect([...(await readdir(cwd)), ...(await readdir(join(cwd, 'terraform')))].join()).not.toContain(
    'errored',
  );
}

interface State {
  resources: { name: string; instances: { status?: string }[] }[];
}

describe.runIf(process.platform === 'linux')(
  'the state survives, the lock is free and the next run ends the work',
  () => {
    test.concurrent.each(rows)(
      'when $victim gets $signal and $when',
      async ({ victim, signal: what, name, ...point }) => {
        const cwd = await world.checkout(name, module);
        world.storage.faults.schedule({
          ...{ method: 'PUT', path: `/${name}/staging\\.tfstate(\\?.*)?$`, times: 100 },
          effect: { kind: 'delay', milliseconds: 1500 },
        });
        const { log } = await struck(cwd, point, entry => {
          if (victim === 'the action') return signal(entry, what);
          const terraform = running(cwd).find(({ command }) => command.startsWith('terraform '));
          return signal(terraform?.pid, what);
        });
        await sound(name, cwd, log);

        const next = await world.step('apply', cwd);
        expect(next.code, `${log}\n--- and then\n${next.log}`).toBe(0);
        await sound(name, cwd, next.log);
        const { resources } = JSON.parse((await world.object(`${name}/staging.tfstate`)) ?? '') as State;
        expect(
          resources.map(({ name: each, instances }) => [each, instances.length, instances[0]?.status]),
        ).toEqual([
          ['one', 1, undefined],
          ['three', 1, undefined],
          ['two', 1, undefined],
        ]);
      },
    );

    test.concurrent('when GitHub cancels the job and writing the state takes longer than the ten seconds it gives', async () => {
      const name = 'cancelled';
      const cwd = await world.checkout(name, module);
      world.storage.faults.schedule({
        ...{ method: 'PUT', path: `/${name}/staging\\.tfstate(\\?.*)?$` },
        effect: { kind: 'delay', milliseconds: 14_000 },
      });
      const { log, code } = await struck(cwd, { request: /^PUT .*\/staging\.tfstate(\?|$)/ }, entry => {
        setTimeout(() => signal(entry, 'SIGTERM'), 7_500);
        setTimeout(() => signal(entry, 'SIGKILL'), 10_000);
        return signal(entry, 'SIGINT');
      });
      expect(code).not.toBe(0);
      expect(log).toContain('terraform apply was told to stop, and is left to finish what it has begun');
      expect(log).toMatch(
        /terraform apply (has come to its end after this step was stopped|was stopped before its end)/,
      );
      await sound(name, cwd, log);
      expect(await world.object(`${name}/staging.tfstate`)).toContain('"name": "three"');
      const next = await world.step('apply', cwd);
      expect(next.log).toContain('staging: no changes');
    });
  },
);

test('a lock that arrives after main was killed, and after the clean-up has begun, is released all the same', async () => {
  const cwd = await world.checkout('late', module);
  world.storage.faults.schedule({
    ...{ method: 'PUT', path: '/late/staging\\.tfstate\\.tflock' },
    effect: { kind: 'delay', milliseconds: 4_000 },
  });
  const { log } = await struck(cwd, { request: /^PUT .*\.tflock/ }, entry => signal(entry, 'SIGKILL'));
  expect(log).not.toContain('was taken off by somebody');
  expect(world.storage.requests.filter(each => /^DELETE .*\/late\/.*\.tflock/.test(each))).toHaveLength(1);
  expect(await world.object('late/staging.tfstate.tflock')).toBeUndefined();
});

/** What Exoscale has of an environment, without what differs between two runs that made the same. */
const made = (name: string) => {
  const {
    clusters = [],
    loadBalancers = [],
    databases = [],
  } = world.exoscale.account.zones['ch-gva-2'] ?? {};
  const ours = <T extends { name: string }>(list: T[]) =>
    list.filter(each => each.name === `${name}-staging`);
  return {
    clusters: ours(clusters).map(({ nodepools }) => nodepools.map(({ size }) => size)),
    balancers: ours(loadBalancers).map(({ services }) => services.map(each => each.name).sort()),
    databases: ours(databases).map(each => each['ip-filter']?.length),
  };
};

describe.runIf(process.platform === 'linux')(
  'with the provider of Exoscale, the next run makes the same world',
  () => {
    test.concurrent.each([
      { victim: 'the action', what: 'SIGINT', name: 'real-a' },
      { victim: 'the action', what: 'SIGKILL', name: 'real-b' },
      { victim: 'Terraform', what: 'SIGTERM', name: 'real-c' },
    ] as const)('when $victim gets $what and the cluster is being made', async ({ victim, what, name }) => {
      const cwd = await world.checkout(name);
      const { log } = await struck(
        cwd,
        { line: /exoscale_security_group\.nodes: Creation complete/ },
        entry => {
          if (victim === 'the action') return signal(entry, what);
          return signal(running(cwd).find(({ command }) => command.startsWith('terraform '))?.pid, what);
        },
      );
      await sound(name, cwd, log);
      const next = await world.step('apply', cwd);
      expect(next.code, `${log}\n--- and then\n${next.log}`).toBe(0);
      expect(made(name)).toEqual({ clusters: [[2]], balancers: [['http', 'https']], databases: [2] });
      expect((await world.step('plan', cwd)).outputs.changes).toBe('false');
    });
  },
);
