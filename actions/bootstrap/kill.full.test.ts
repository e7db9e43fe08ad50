import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BareCluster, bareCluster, everything, seeded, waits } from '../../sandbox/bare-cluster.ts';
import { type ClusterWorld, clusterWorld } from '../../sandbox/cluster-world.ts';
import type { ShimOptions } from '../../sandbox/kubectl-shim.ts';

/*
 * A bootstrap that is killed at each call that changes something, and run again. In these clusters there is no node, so that
 * all that bootstrap itself does is done and nothing else happens; the run that is left alone is stopped where it would wait.
 * Only the last test has nodes, and what bootstrap writes while it waits for them.
 */

let world: ClusterWorld;
beforeAll(async () => {
  world = await clusterWorld();
});
afterAll(() => world?.close());

const empty = (name: string) => bareCluster(world, name);

const database = () => world.sandbox.exoscale.account.zones['ch-gva-2']?.databases[0];

/** Kills a bootstrap whose call of this number Exoscale never answers; false when it came to its end before that. */
async function killedAtExoscale(cluster: BareCluster, call: number): Promise<boolean> {
  const { faults, requests } = world.sandbox.exoscale;
  faults.schedule({ effect: { kind: 'hang' }, skip: call });
  const at = requests.length + call;
  let main: ChildProcess | undefined;
  const ended = cluster.run({}, child => {
    main = child;
  });
  let over = false;
  ended.finally(() => {
    over = true;
  });
  while (!over && requests[at] === undefined) await sleep(20);
  main?.kill('SIGKILL');
  await ended;
  faults.clear();
  return requests[at] !== undefined;
}

const isWrite = (call: string) =>
  /^(apply|create|replace|patch|annotate) /.test(call) && !/dry-run/.test(call);

test(
  'killed at any call that changes something, the next run makes the same world, and what was made once stays',
  async () => {
    // Exoscale's come first. Each run goes on from where the one before was killed, until one comes through.
    const billed = await empty('billed');
    const between = new Set<string>();
    for (let call = 0; await killedAtExoscale(billed, call); call++)
      between.add(`${database()?.users.length} users, ${database()?.databases.length} databases`);
    const through = await everything(billed.plane);
    await billed.plane.stop();

    const whole = await empty('whole');
    const { calls, result } = await whole.run();
    expect(result.code, result.log).toBe(137);
    expect(calls.at(-1), 'it came to where it waits').toContain(` ${waits} `);
    const expected = await everything(whole.plane);
    await whole.plane.stop();
    expect(Object.keys(expected).length).toBeGreaterThan(60);
    expect(through).toEqual(expected);
    expect([...between], 'also with a user and no database').toHaveLength(3);

    // What only reads leaves the world as the call before it has.
    const writes = calls.flatMap((call, index) => (isWrite(call) ? [index] : []));
    const applies = writes.filter(index => calls[index]?.startsWith('apply'));
    expect(applies).toHaveLength(2);
    for (const call of calls.filter(each => !isWrite(each)))
      expect(call).toMatch(/^(get|kustomize|version) |--dry-run=server/);
    const first = (writes[0] ?? 0) - 1;
    const kills: ShimOptions[] = [
      ...[first, ...writes].map(killAfter => ({ killAfter })),
      ...applies.map(killAmid => ({ killAmid })),
    ];
    for (const [index, kill] of kills.entries()) {
      const cluster = await empty(`k${index}`);
      const killed = await cluster.run(kill);
      expect(killed.result.code, killed.result.log).toBe(137);
      const before = await seeded(cluster.plane);
      const next = await cluster.run();
      const where = `${JSON.stringify(kill)} of ${calls.join('\n')}\n${killed.result.log}\n---\n${next.result.log}`;
      expect(next.calls.at(-1), where).toContain(` ${waits} `);
      expect(await everything(cluster.plane), where).toEqual(expected);
      const after = await seeded(cluster.plane);
      for (const [name, value] of Object.entries(before))
        if (value !== '{}') expect(after[name], where).toBe(value);
      await cluster.plane.stop();
    }
  },
  30 * 60_000,
);

test('what somebody changed by hand is shown, what it was and what it will be, and put back', async () => {
  const cluster = await empty('changed');
  await cluster.run();
  const { api } = cluster.plane;
  const settings = '/api/v1/namespaces/argocd/configmaps/argocd-cm';
  const server = '/apis/apps/v1/namespaces/argocd/deployments/argocd-server';
  const { body } = await api<{ spec: { template: { spec: { containers: { image: string }[] } } } }>(
    'GET',
    server,
  );
  const [container] = body.spec.template.spec.containers;
  const image = container?.image;
  if (container) container.image = 'quay.io/somebody/argocd:v0';
  await Promise.all([
    api('PUT', server, body),
    api('PATCH', settings, { data: { 'admin.enabled': 'true', own: 'x' } }),
  ]);

  const { result } = await cluster.run();
  expect(result.log).toContain('~ ConfigMap argocd/argocd-cm\n    data.admin.enabled: "true" → "false"\n');
  expect(result.log).toContain(
    `    spec.template.spec.containers[argocd-server].image: "quay.io/somebody/argocd:v0" → "${image}"\n`,
  );
  expect((await api('GET', settings)).body).toMatchObject({ data: { 'admin.enabled': 'false', own: 'x' } });
  expect(JSON.stringify((await api('GET', server)).body)).not.toContain('somebody/argocd');
  await cluster.plane.stop();
});

test('killed while it waits, when it has asked Argo CD for a fresh look, the next run comes to its end', async () => {
  const kubectl = await world.shim({ killPast: 'annotate' });
  const killed = await world.step('bootstrap', {}, { kubectl });
  expect(killed.code, killed.log).toBe(137);
  expect((await kubectl.calls()).at(-1)).toContain('annotate');
  const { code, log } = await world.step('bootstrap');
  expect(code, log).toBe(0);
  expect(log).toContain('\nstaging: nothing changed; 7 Applications are Synced and Healthy\n');
});
