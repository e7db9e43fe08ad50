import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ControlPlane, controlPlane } from '../../sandbox/control-plane/index.ts';
import { openRun, type Run } from '../../sandbox/run.ts';
import { tool } from '../../sandbox/tools/build.ts';
import { terminalRunner } from '../runner/terminal.ts';
import { type Kubectl, type KubeObject, kubectl, type Manifest } from './kubectl.ts';

let run: Run;
let plane: ControlPlane;
let cluster: Kubectl;
const runner = terminalRunner(new Writable({ write: (_, __, done) => done() }) as NodeJS.WriteStream);

beforeAll(async () => {
  process.env.PATH = `${join(await tool('kubectl'), '..')}:${process.env.PATH}`;
  run = openRun();
  plane = await controlPlane(run, { name: 'one' });
  cluster = await as({ user: 'admin', groups: ['system:masters'], ttlSeconds: 600 });
});
afterAll(async () => {
  await runner.close();
  await run.close();
});

async function as(subject: { user: string; groups: string[]; ttlSeconds: number }): Promise<Kubectl> {
  const folder = await mkdtemp(join(run.folder, 'tmp', 'as-'));
  const file = join(folder, 'kubeconfig');
  await writeFile(file, await plane.kubeconfig(subject), { mode: 0o600 });
  return kubectl(runner, file);
}

const manifest = (object: object): Manifest => ({
  text: JSON.stringify(object),
  object: object as KubeObject,
});
const settings = (name: string, data: Record<string, string>) =>
  manifest({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data });

test('an empty list, a missing kind and a refusal are three different answers', async () => {
  await expect(cluster.list('secrets')).resolves.toEqual([]);
  await expect(cluster.list('applications.argoproj.io')).rejects.toMatchObject({ reason: 'UnknownResource' });
  await expect(cluster.get('applications.argoproj.io', 'x')).rejects.toMatchObject({
    reason: 'UnknownResource',
  });
  const nobody = await as({ user: 'nobody', groups: [], ttlSeconds: 600 });
  await expect(nobody.list('secrets')).rejects.toMatchObject({ reason: 'Forbidden' });
  const late = await as({ user: 'admin', groups: ['system:masters'], ttlSeconds: -1 });
  await expect(late.list('secrets')).rejects.toMatchObject({ reason: 'Unauthorized' });
  // kubectl words it otherwise where it looks kinds up first.
  const some = [settings('late', {})];
  await expect(late.live(some)).rejects.toMatchObject({ reason: 'Unauthorized' });
  await expect(late.apply(some)).rejects.toMatchObject({ reason: 'Unauthorized' });
  await expect(late.create(some[0]?.object ?? {})).rejects.toMatchObject({ reason: 'Unauthorized' });
});

test('a list is whole however long it is, and can be narrowed', async () => {
  const many = Array.from({ length: 600 }, (_, i) => settings(`many-${i}`, { i: String(i) }));
  await cluster.apply(many);
  const found = await cluster.list('configmaps', { namespace: 'default' });
  expect(found.filter(({ metadata }) => metadata.name.startsWith('many-'))).toHaveLength(600);
  await expect(cluster.list('configmaps', { selector: 'app=none' })).resolves.toEqual([]);
});

test('apply takes fields over, a dry run shows and writes nothing, and what is there is found', async () => {
  const [mine, never] = [settings('mine', { a: '1' }), settings('never', {})];
  await plane.api(
    'POST',
    '/api/v1/namespaces/default/configmaps',
    settings('mine', { a: '0', b: '2' }).object,
  );

  const [shown] = await cluster.apply([mine], { dryRun: true });
  expect(shown).toMatchObject({ data: { a: '1', b: '2' } });
  await expect(cluster.get('configmaps', 'mine', 'default')).resolves.toMatchObject({ data: { a: '0' } });

  await cluster.apply([mine]);
  await expect(cluster.live([mine, never])).resolves.toMatchObject([{ data: { a: '1', b: '2' } }]);
  await expect(cluster.get('configmaps', 'never', 'default')).resolves.toBeUndefined();
});

test('a refused object is named with the reason, whatever the others do', async () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'default' } };
  const wrong = manifest({ ...service, spec: { ports: [{ port: 80, colour: 'red' }] } });
  await expect(cluster.apply([wrong, settings('beside', {})])).rejects.toThrow(
    /Could not apply: .*default\/s.*colour: field not declared in schema/,
  );
});

test('create leaves alone what is there; patch names what it does not find, annotate and delete go on', async () => {
  const secret = (value: string) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'once', namespace: 'default' },
    stringData: { value },
  });
  await expect(cluster.create(secret('first'))).resolves.toBe(true);
  await expect(cluster.create(secret('second'))).resolves.toBe(false);
  await expect(cluster.get('secrets', 'once', 'default')).resolves.toMatchObject({
    data: { value: btoa('first') },
  });

  await cluster.patch('secrets', ['once'], { metadata: { labels: { seen: 'yes' } } }, 'default');
  await expect(cluster.list('secrets', { selector: 'seen=yes' })).resolves.toHaveLength(1);
  await expect(cluster.patch('secrets', ['once', 'other'], {}, 'default')).rejects.toMatchObject({
    reason: 'NotFound',
  });

  await cluster.create({ ...secret('third'), metadata: { name: 'twice', namespace: 'default' } });
  await cluster.annotate('secrets', ['gone', 'once', 'twice'], { seen: 'too', at: 'x=y' }, 'default');
  for (const name of ['once', 'twice'])
    await expect(cluster.get('secrets', name, 'default')).resolves.toMatchObject({
      metadata: { annotations: { seen: 'too', at: 'x=y' } },
    });

  await cluster.delete('secrets', ['gone', 'once', 'twice'], 'default');
  await expect(cluster.list('secrets', { namespace: 'default' })).resolves.toEqual([]);
});

test('replace takes what was read and has not been changed since; both versions are told', async () => {
  const { object } = settings('whole', { one: '1' });
  await cluster.create(object);
  const read = await cluster.get('configmaps', 'whole', 'default');
  await cluster.replace({ ...read, ...{ data: { two: '2' } } });
  await expect(cluster.get('configmaps', 'whole', 'default')).resolves.toMatchObject({ data: { two: '2' } });
  await expect(cluster.replace({ ...read, ...{ data: {} } })).rejects.toThrow('has been modified');

  const { kubectl, kubernetes } = await cluster.versions();
  expect([kubectl, kubernetes]).toEqual([expect.stringMatching(/^v1\.\d+\.\d+$/), kubectl]);
  await expect(cluster.logs(object, 'none', { lines: 5, previous: false })).rejects.toMatchObject({
    reason: 'NotFound',
  });
});

test('a kustomization is rendered document by document; a broken one says where', async () => {
  const folder = await mkdtemp(join(run.folder, 'tmp', 'kustomize-'));
  await mkdir(join(folder, 'base'));
  await writeFile(join(folder, 'base', 'kustomization.yaml'), 'resources: [two.yaml]\nnamespace: shop\n');
  const document = (name: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata:\n  text: |\n    ---\n    ${name}\n`;
  await writeFile(join(folder, 'base', 'two.yaml'), `${document('a')}---\n${document('b')}`);
  const found = await cluster.kustomize(join(folder, 'base'));
  expect(found.map(({ object }) => object)).toMatchObject([
    { metadata: { name: 'a', namespace: 'shop' }, data: { text: '---\na\n' } },
    { metadata: { name: 'b', namespace: 'shop' }, data: { text: '---\nb\n' } },
  ]);

  await rm(join(folder, 'base', 'two.yaml'));
  await expect(cluster.kustomize(join(folder, 'base'))).rejects.toThrow(/Could not render .*two\.yaml/);
});

test('a cluster that is gone is unavailable, not empty', async () => {
  const folder = await mkdtemp(join(run.folder, 'tmp', 'gone-'));
  const file = join(folder, 'kubeconfig');
  const config = await plane.kubeconfig({ user: 'admin', groups: ['system:masters'], ttlSeconds: 600 });
  await writeFile(file, config.replace(plane.endpoint, 'https://127.0.0.1:9'), { mode: 0o600 });
  await expect(kubectl(runner, file).list('nodes')).rejects.toMatchObject({ reason: 'Unavailable' });
});
