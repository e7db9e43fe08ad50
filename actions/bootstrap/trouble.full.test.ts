import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certificateAuthority } from '../../sandbox/certificates.ts';
import { type ClusterWorld, clusterWorld } from '../../sandbox/cluster-world.ts';
import type { StepResult } from '../../sandbox/runner.ts';
import { upstreams } from '../../sandbox/upstream/index.ts';

/*
 * One cluster and what befalls it, in this order. Several troubles at once, each of another Application: what cannot become
 * ready takes all the time that is given, and so it is seen that none of them holds up the others.
 */

let world: ClusterWorld;
/** All that was ever said of bootstrap's own secrets: they are made once. */
let secrets: unknown;
const hub = (repository: string) => world.sandbox.github.repository(repository);
const api = (method: string, path: string, body?: unknown) => world.cluster.api(method, path, body);
const bootstrap = (minutes: string) => world.step('bootstrap', { 'timeout-minutes': minutes });

const argocdPin = 'manifests/argocd/kustomization.yaml';
const traefikPin = 'manifests/platform/traefik/kustomization.yaml';
const pin = (service: string) => `manifests/environments/staging/${service}.yaml`;
const file = (path: string): string => world.shop.files[path] ?? '';

/** The pins in the checkout, and the older ones that this cluster begins with. */
const older = { argocd: 'v3.1.0', traefik: 'v3.6.0' };
const pinned = { argocd: '', traefik: '' };

beforeAll(async () => {
  world = await clusterWorld();
  pinned.argocd = /ref=(v[\d.]+)/.exec(file(argocdPin))?.[1] ?? '';
  pinned.traefik = /newTag: (v[\d.]+)/.exec(file(traefikPin))?.[1] ?? '';
  await publishOlder();
  await world.commit({
    [argocdPin]: file(argocdPin).replaceAll(`=${pinned.argocd}`, `=${older.argocd}`),
    [traefikPin]: file(traefikPin).replaceAll(pinned.traefik, older.traefik),
  });
});
afterAll(() => world?.close());

/** Upstream's releases before those that are pinned: with another image, and one object that later ones have no more. */
async function publishOlder(): Promise<void> {
  for (const { repository, folder } of await upstreams()) {
    const copy = join(world.sandbox.run.folder, 'older', repository);
    await cp(folder, copy, { recursive: true });
    if (repository === 'argoproj/argo-cd') {
      const base = join(copy, 'manifests/base');
      const text = await readFile(join(base, 'kustomization.yaml'), 'utf8');
      const changed = text
        .replace(pinned.argocd, older.argocd)
        .replace('resources:\n', 'resources:\n- left.json\n');
      await writeFile(join(base, 'kustomization.yaml'), changed);
      const left = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-left-behind' } };
      await writeFile(join(base, 'left.json'), JSON.stringify(left));
    }
    const tag = repository === 'argoproj/argo-cd' ? older.argocd : older.traefik;
    await world.sandbox.github.mirror(repository, copy, tag);
  }
}

/** Follows a recipe of docs/operations.md in the checkout, as far as it moves pins, and gives the file that it changes. */
function upgrade(title: string, version: string, path: string): Record<string, string> {
  const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const [, section = ''] = new RegExp(`^## ${title}\n[^]*?\`\`\`sh\n([^]*?)\`\`\``, 'm').exec(page) ?? [];
  const commands = section
    .replace(/^VERSION=.*$/m, `VERSION=${version.slice(1)}`)
    .replaceAll(/^(npm run check|.*newer-traefik.*)\n/gm, ''); // the latter are for the versions that know them
  const cwd = join(world.sandbox.run.folder, 'workspace');
  execFileSync('bash', ['--norc', '-euc', commands], { cwd });
  return { [path]: readFileSync(join(cwd, path), 'utf8') };
}

const errors = ({ annotations }: StepResult) =>
  annotations.filter(({ level }) => level === 'error').map(({ message }) => message);
const about = (result: StepResult, name: string): string =>
  errors(result).find(each => each.startsWith(`Application ${name}:`)) ?? result.log;

async function made(): Promise<unknown> {
  const names = [
    'argocd/secrets/argocd-redis',
    'argocd/secrets/argocd-secret',
    'shop/secrets/user-manager-keys',
  ];
  return Promise.all(
    names.map(async name => {
      const { status, body } = await api('GET', `/api/v1/namespaces/${name}`);
      expect(status, name).toBe(200);
      return (body as { data: unknown }).data;
    }),
  );
}

test('a cluster begins with the pins before', async () => {
  const result = await bootstrap('5');
  expect(result.code, result.log).toBe(0);
  expect(await imageOf('statefulsets', 'argocd', 'argocd-application-controller')).toContain(older.argocd);
  expect(await imageOf('deployments', 'traefik', 'traefik')).toContain(older.traefik);
  expect(await api('GET', left)).toMatchObject({ status: 200 });
  secrets = await made();
});

const left = '/api/v1/namespaces/argocd/configmaps/argocd-left-behind';

async function imageOf(kind: string, namespace: string, name: string): Promise<string> {
  const { body } = await api('GET', `/apis/apps/v1/namespaces/${namespace}/${kind}/${name}`);
  return (body as Workload).spec.template.spec.containers[0]?.image ?? '';
}

/** What Argo CD has compared an Application with last. */
async function revisionOf(application: string): Promise<string | undefined> {
  const path = `/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/${application}`;
  const { body } = await api('GET', path);
  return (body as { status?: { sync?: { revision?: string } } }).status?.sync?.revision;
}

interface Workload {
  spec: { template: { spec: { containers: { image: string }[] } } };
}

/** A webhook that lets no Deployment of this name in. */
async function refuse(name: string, message: string): Promise<Server> {
  const authority = await certificateAuthority('A webhook');
  const { certificate: cert, key } = await authority.server(['127.0.0.1']);
  const server = createServer({ cert, key }, async (request, response) => {
    const { request: asked } = (await json(request)) as { request: { uid: string; name: string } };
    const allowed = asked.name !== name;
    response.setHeader('content-type', 'application/json').end(
      JSON.stringify({
        ...{ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' },
        response: { uid: asked.uid, allowed, ...(!allowed && { status: { message, code: 403 } }) },
      }),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  await api('POST', webhooks, {
    ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' },
    metadata: { name: 'tickets' },
    webhooks: [
      {
        ...{ name: 'tickets.example.com', admissionReviewVersions: ['v1'], sideEffects: 'None' },
        clientConfig: {
          url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
          caBundle: Buffer.from(authority.certificate).toString('base64'),
        },
        rules: [
          {
            ...{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] },
            operations: ['CREATE', 'UPDATE'],
          },
        ],
      },
    ],
  });
  return server;
}
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const webhooks = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

describe('while both pins move', () => {
  let webhook: Server;
  let commit: string;
  let result: StepResult;

  beforeAll(async () => {
    world.sandbox.github.faults.schedule({
      ...{ path: '^/acme/ui', times: 100_000 },
      effect: { kind: 'reset-before' },
    });
    const broken = await hub('acme/product').commit({
      files: { 'deploy/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: product\n' },
      message: 'Break the manifest',
    });
    webhook = await refuse('user-manager', 'the user-manager has no ticket');
    commit = await world.commit({
      ...upgrade('Upgrade Argo CD', pinned.argocd, argocdPin),
      ...upgrade('Upgrade Traefik', pinned.traefik, traefikPin),
      [pin('product')]: file(pin('product')).replace('targetRevision: v0.1.0', `targetRevision: ${broken}`),
    });
    await api('DELETE', '/apis/apps/v1/namespaces/shop/deployments/user-manager');
    result = await bootstrap('2');
  });
  afterAll(() => webhook?.close());

  test('what is not in trouble arrives: an upgrade from the pins before, and what later ones have no more is gone', async () => {
    expect(result.code, result.log).toBe(1);
    expect(errors(result)[0]).toMatch(
      /^2 min are over, waiting for the Applications, not done: (Application (ui|product|user-manager)(, |; )){3}mend what is named/,
    );
    expect(result.log).toMatch(/~ StatefulSet argocd\/argocd-application-controller\n/);
    for (const name of ['argocd', 'traefik', 'shop', 'root'])
      expect(result.log).toContain(`\n${name}: Synced, Healthy at ${commit.slice(0, 7)}\n`);
    expect(await imageOf('statefulsets', 'argocd', 'argocd-application-controller')).toContain(pinned.argocd);
    expect(await imageOf('deployments', 'traefik', 'traefik')).toContain(pinned.traefik);
    expect(await api('GET', left)).toMatchObject({ status: 404 });
    expect(await made()).toEqual(secrets);
  });

  test('a repository that is not reached is named, and what it had brought stays', async () => {
    expect(about(result, 'ui')).toMatch(/ComparisonError: .*acme\/ui/s);
    expect(about(result, 'ui')).toContain('The cluster does not reach https://github.com/acme/ui: ');
    expect(await imageOf('deployments', 'shop', 'ui')).toBe('ghcr.io/acme/ui:v0.1.0');
  });

  test('a bad manifest in one service is named with its file', () => {
    expect(about(result, 'product')).toMatch(/ComparisonError: .*service\.yaml/s);
  });

  test('an object that a webhook denies is named with what the webhook said', () => {
    expect(about(result, 'user-manager')).toMatch(
      /Deployment shop\/user-manager was refused: .*tickets\.example\.com.* denied the request: the user-manager has no ticket/s,
    );
  });
});

describe('when those are mended, and others begin', () => {
  let result: StepResult;

  beforeAll(async () => {
    world.sandbox.github.faults.clear();
    await api('DELETE', `${webhooks}/tickets`);
    hub('acme/ui').setPrivate(true);
    const without = `patches:
  - patch: |
      $patch: delete
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata: { name: ingressroutes.traefik.io }
`;
    const commit = await world.commit({
      [traefikPin]: file(traefikPin) + without,
      [pin('product')]: file(pin('product')),
    });
    // Argo CD leaves a definition alone that git has no more; before it knows that, it would bring back what somebody deletes.
    while ((await revisionOf('traefik')) !== commit) await sleep(500);
    await api('DELETE', `${definitions}/ingressroutes.traefik.io`);
    result = await bootstrap('1');
  });

  test('a private repository without a token is named, and what to do about it', () => {
    expect(result.code, result.log).toBe(1);
    expect(about(result, 'ui')).toMatch(/ComparisonError: .*acme\/ui/s);
    expect(about(result, 'ui')).toMatch(
      /Argo CD may not read https:\/\/github\.com\/acme\/ui: give a token .* "repository-token"/,
    );
  });

  test('a kind of object that the cluster does not know any more is named, where it is used', () => {
    for (const name of ['product', 'user-manager'])
      expect(about(result, name)).toMatch(/IngressRoute shop\/[\w-]+ was refused: .*CRD is installed/s);
    expect(result.log).toMatch(/\ntraefik: Synced, Healthy at /);
  });

  test('mended, the next run comes to its end, and one after it changes nothing', async () => {
    await world.commit({ [traefikPin]: file(traefikPin) });
    hub('acme/ui').setPrivate(false); // tokens are for the real Argo CD: see node.full.test.ts
    const mended = await bootstrap('5');
    expect(mended.code, mended.log).toBe(0);
    const again = await bootstrap('1');
    expect(again.log).toContain('staging: nothing changed; 7 Applications are Synced and Healthy\n');
    expect(await made()).toEqual(secrets);
  });
});

test('after everything was deleted by hand it comes again', async () => {
  for (const name of ['shop', 'traefik', 'argocd']) await api('DELETE', `/api/v1/namespaces/${name}`);
  for (const name of ['applications.argoproj.io', 'ingressroutes.traefik.io'])
    await api('DELETE', `${definitions}/${name}`);
  const { code, log } = await bootstrap('5');
  expect(code, log).toBe(0);
  expect(log).toMatch(/staging: \d+ created, \d+ changed; 7 Applications are Synced and Healthy\n/);
  expect(await made()).not.toEqual(secrets);
});
