import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { at, type KubernetesObject } from '../sandbox/argocd/object.ts';
import { expectOk } from '../sandbox/control-plane/api.ts';
import { placed, renderer } from '../sandbox/manifests/render.ts';
import { doctor, shortcomings } from '../sandbox/node/doctor.ts';
import { reached } from '../sandbox/node/flows.ts';
import { apiPort, listener, metadata, type PretendedNode, pretendedNode } from '../sandbox/node/pretended.ts';
import { openRun } from '../sandbox/run.ts';

/*
 * Who gets through to whom over TCP: the policies of a rendered environment, in force on a node on which processes that listen
 * pass for its pods, by the labels and the ports that its Deployments give them. What goes by UDP, which is names, is not tried.
 */

const [lacks] = [doctor(), shortcomings()].flat();
const here = lacks === undefined;
const run = openRun();
let node: PretendedNode;
const outside: Server[] = [];
const pods = new Map<string, Awaited<ReturnType<PretendedNode['pod']>>>();
const places: Record<string, string> = {};

beforeAll(async () => {
  if (!here) return;
  const render = await renderer(run);
  const objects = placed(await render.environment('production'));
  await render.close();
  node = await pretendedNode(run);
  const { api } = node.plane;

  const workloads = objects.filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind));
  const namespaces = new Set(workloads.map(({ metadata }) => metadata.namespace ?? ''));
  for (const name of [...namespaces, 'monitoring'])
    await expectOk(api('POST', '/api/v1/namespaces', { metadata: { name } }));
  for (const object of objects.filter(({ kind }) => kind === 'NetworkPolicy'))
    await expectOk(
      api(
        'POST',
        `/apis/networking.k8s.io/v1/namespaces/${object.metadata.namespace}/networkpolicies`,
        object,
      ),
    );
  // No pod without one.
  const account = (namespace: string) =>
    expectOk(api('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`));
  for (const namespace of [...namespaces, 'monitoring', 'kube-system'])
    await vi.waitFor(() => account(namespace), { timeout: 60_000 });

  const add = async (
    namespace: string,
    name: string,
    labels: Record<string, string>,
    ports: { name?: string; containerPort: number }[],
  ) => {
    const pod = await node.pod({ namespace, name, labels, ports });
    pods.set(name, pod);
    for (const { containerPort } of ports)
      places[`${name}:${containerPort}`] = `${pod.address}:${containerPort}`;
  };
  for (const object of workloads)
    await add(object.metadata.namespace ?? '', object.metadata.name, labelsOf(object), portsOf(object));
  await add('kube-system', 'coredns', { 'k8s-app': 'kube-dns' }, [{ containerPort: 53 }]);
  await add('monitoring', 'prometheus', {}, []);
  await add('default', 'stranger', {}, []);

  // The world outside is this side of the cable.
  const { host, node: own } = node.network;
  for (const port of [443, 21699]) {
    const server = createServer(socket => socket.on('error', () => {}).end()).listen(port, host);
    outside.push(server);
    await once(server, 'listening');
  }
  await node.serve(listener([80, 8080], metadata) + listener([10250], own));
  Object.assign(places, {
    'git:443': `${host}:443`,
    'database:21699': `${host}:21699`,
    'API server': `${own}:${apiPort}`,
    'node:10250': `${own}:10250`,
    'metadata:80': `${metadata}:80`,
    'metadata:8080': `${metadata}:8080`,
  });
  await node.enforce();
});
afterAll(async () => {
  for (const server of outside) server.close();
  await node?.stop();
  await run.close();
});

const labelsOf = (object: KubernetesObject) =>
  (at(object, 'spec', 'template', 'metadata', 'labels') ?? {}) as Record<string, string>;
const portsOf = (object: KubernetesObject) =>
  (
    at(object, 'spec', 'template', 'spec', 'containers') as {
      ports?: { name?: string; containerPort: number }[];
    }[]
  )
    .flatMap(({ ports = [] }) => ports)
    .map(({ name, containerPort }) => ({ ...(name && { name }), containerPort }));

/** The doors that stand open to the world. */
const open = ['traefik:8000', 'traefik:8443'];
/** An API server and a managed database cannot be told apart: each is at a high port of some public address. */
const world = [...open, 'database:21699', 'API server'];
/** Where a kubelet answers, and whoever else takes its port: there gets nobody whom a policy holds. */
const kubelets = ['cert-manager-webhook:10250', 'node:10250'];
const asks = [...world, 'coredns:53'];
const argocd = [...asks, 'git:443', 'argocd-redis:6379', 'argocd-repo-server:8081'];
const certManager = [...asks, 'git:443'];

/** Whom each gets through to, itself left out. */
const table: Record<string, string[]> = {
  ui: [],
  product: [...asks, 'user-manager:8080'],
  'product-migration': [...asks, 'user-manager:8080'],
  'user-manager': asks,
  'user-manager-migration': asks,
  traefik: [...asks, 'git:443', 'ui:8080', 'product:8080', 'user-manager:8080'],
  'argocd-server': argocd,
  'argocd-application-controller': argocd,
  'argocd-repo-server': ['coredns:53', 'git:443', 'argocd-redis:6379'],
  'argocd-redis': [...asks, 'git:443'],
  'cert-manager': certManager,
  'cert-manager-cainjector': certManager,
  'cert-manager-webhook': certManager,
  prometheus: [
    ...[...asks, ...kubelets, 'git:443', 'metadata:80', 'metadata:8080', 'traefik:9100'],
    ...['ui:9090', 'product:9090', 'user-manager:9090'],
    ...['argocd-server:8083', 'argocd-repo-server:8084', 'argocd-application-controller:8082'],
    ...['cert-manager:9402', 'cert-manager-cainjector:9402', 'cert-manager-webhook:9402'],
  ],
  // Whoever has no policy gets out everywhere, to the metadata too, and in where all may.
  coredns: [...world, ...kubelets, 'git:443', 'metadata:80', 'metadata:8080'],
  stranger: [...asks, ...kubelets, 'git:443', 'metadata:80', 'metadata:8080'],
};

if (!here) test.skip(`Left out: ${lacks}`);

test.runIf(here)('whatever runs is in the table, and every place in it is there to be reached', () => {
  expect([...pods.keys()].sort()).toEqual(Object.keys(table).sort());
  const reachable = new Set(Object.values(table).flat());
  expect([...reachable].filter(place => !(place in places))).toEqual([]);
});

test.runIf(here).each(Object.entries(table))(
  '%s gets through to whom it must, and to nobody else',
  async (name, expected) => {
    const pod = pods.get(name);
    const wanted = expected.filter(place => !place.startsWith(`${name}:`)).sort();
    const found = async () =>
      pod && (await reached(pod.node, places)).filter(place => !place.startsWith(`${name}:`)).sort();
    await expect.poll(found, { timeout: 60_000, interval: 500 }).toEqual(wanted);
  },
);
