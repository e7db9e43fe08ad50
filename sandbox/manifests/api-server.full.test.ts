import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { at, type KubernetesObject } from '../argocd/object.ts';
import { type ControlPlane, controlPlane } from '../control-plane/index.ts';
import { openRun } from '../run.ts';
import { tool } from '../tools/build.ts';
import { title } from './policy.ts';
import { placed, type Renderer, renderer } from './render.ts';
import { schemaLocation, writeSchemas } from './schemas.ts';

/* Everything that an environment consists of, cert-manager too, before a real API server with the real definitions. */

const run = openRun();
let render: Renderer;
let plane: ControlPlane;
let objects: KubernetesObject[];
let kubectl: (...args: string[]) => Promise<string>;

const isDefinition = ({ kind }: KubernetesObject) => kind === 'CustomResourceDefinition';

beforeAll(async () => {
  render = await renderer(run);
  objects = placed(await render.environment('production'));
  plane = await controlPlane(run, { name: 'production' });
  await plane.setNodes('pool', ['node-1', 'node-2', 'node-3']);
  const kubeconfig = join(run.folder, 'kubeconfig');
  await writeFile(
    kubeconfig,
    await plane.kubeconfig({ user: 'test', groups: ['system:masters'], ttlSeconds: 3600 }),
  );
  const path = await tool('kubectl');
  kubectl = async (...args) => {
    const options = { env: run.environment(), maxBuffer: 64e6 };
    return (await promisify(execFile)(path, ['--kubeconfig', kubeconfig, ...args], options)).stdout;
  };
  await define(objects.filter(isDefinition));
});

afterAll(async () => {
  await render?.close();
  await run.close();
});

let files = 0;
const apply = async (chosen: KubernetesObject[]) => {
  const file = join(run.folder, `apply-${files++}.json`);
  await writeFile(file, chosen.map(each => JSON.stringify(each)).join('\n---\n'));
  return kubectl('apply', '--server-side', '--force-conflicts', '--validate=strict', '-f', file);
};

/** Definitions, until their kinds are served. */
async function define(chosen: KubernetesObject[]): Promise<void> {
  await apply(chosen);
  const names = chosen.map(({ metadata }) => `crd/${metadata.name}`);
  // One that is a moment old has no conditions yet, which `wait` does not take.
  const wait = () => kubectl('wait', '--for=condition=Established', '--timeout=60s', ...names);
  await vi.waitFor(wait, { timeout: 120_000, interval: 500 });
}

test('kubeconform knows every field of every object', async () => {
  const folder = join(run.folder, 'schemas');
  const openApi = JSON.parse(await kubectl('get', '--raw', '/openapi/v2'));
  await writeSchemas(folder, openApi, objects.filter(isDefinition));
  const conform = async (chosen: KubernetesObject[]) => {
    const argv = [
      '-strict',
      '-output=json',
      '-summary',
      '-schema-location',
      join(folder, schemaLocation),
      '-',
    ];
    const child = spawn(await tool('kubeconform'), argv, { env: run.environment() });
    child.stdin.end(chosen.map(each => JSON.stringify(each)).join('\n---\n'));
    const [said, wrong] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(wrong).toBe('');
    return JSON.parse(said) as {
      resources: { kind: string; name: string; msg: string }[];
      summary: { valid: number; skipped: number };
    };
  };
  const others = objects.filter(each => !isDefinition(each));
  const { resources, summary } = await conform(others);
  expect(resources).toEqual([]);
  expect(summary).toMatchObject({ valid: others.length, skipped: 0 });

  // It would say so.
  const bad = structuredClone(
    others.find(each => title(each) === 'Middleware shop/auth'),
  ) as KubernetesObject;
  Object.assign(at(bad, 'spec', 'forwardAuth') as object, { maxResponseBodySize: 65536 });
  const worse = structuredClone(
    others.find(each => title(each) === 'Deployment shop/ui'),
  ) as KubernetesObject;
  Object.assign(at(worse, 'spec', 'template', 'spec') as object, { tolerate: [] });
  const refused = (await conform([bad, worse])).resources.map(({ kind, msg }) => `${kind} ${msg}`).sort();
  expect(refused).toEqual([
    expect.stringMatching(/^Deployment .*tolerate/),
    expect.stringMatching(/^Middleware .*maxResponseBodySize/),
  ]);
});

test('an API server takes all of it, and Pod Security all of the pods', async () => {
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace');
  await apply(namespaces);
  // As `bootstrap` brings them.
  const secret = (namespace: string, name: string) =>
    kubectl('create', 'secret', 'generic', name, '-n', namespace);
  await Promise.all([secret('shop', 'database'), secret('shop', 'user-manager-keys')]);
  const webhooks = ({ kind }: KubernetesObject) => kind.endsWith('WebhookConfiguration');
  // Behind cert-manager's webhook nobody answers here: it is asked for last.
  const rest = objects.filter(each => !namespaces.includes(each) && !isDefinition(each));
  const taken = await apply(rest.filter(each => !webhooks(each)));
  expect(taken.trim().split('\n')).toHaveLength(rest.filter(each => !webhooks(each)).length);
  await apply(rest.filter(webhooks));

  const wanted = rest.filter(({ kind }) => ['Deployment', 'StatefulSet'].includes(kind));
  expect(wanted.length).toBeGreaterThan(10);
  await vi.waitFor(
    async () => {
      const { items } = JSON.parse(await kubectl('get', 'deployments,statefulsets', '-A', '-o', 'json')) as {
        items: KubernetesObject[];
      };
      const ready = items.filter(({ status }) => at(status, 'readyReplicas') === at(status, 'replicas'));
      expect(ready.map(title).sort()).toEqual(wanted.map(title).sort());
    },
    { timeout: 120_000, interval: 1000 },
  );
  const events = await kubectl('get', 'events', '-A', '--field-selector=reason=FailedCreate', '-o', 'name');
  expect(events).toBe('');

  // It would not take a pod that may be root.
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'root', namespace: 'shop' } };
  const bad = apply([{ ...pod, spec: { containers: [{ name: 'main', image: 'example.com/x:v1' }] } }]);
  await expect(bad).rejects.toThrow('violates PodSecurity "restricted');
});
