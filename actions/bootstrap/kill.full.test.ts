import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterWorld, clusterWorld } from '../../sandbox/cluster-world.ts';
import { type ControlPlane, controlPlane } from '../../sandbox/control-plane/index.ts';
import type { StepResult } from '../../sandbox/runner.ts';

/*
 * A bootstrap that is killed after each call that it makes, and run again. In these clusters there is no node, so that all
 * that bootstrap itself does is done and nothing else happens; the run that is left alone is stopped where it would wait.
 */

let world: ClusterWorld;
beforeAll(async () => {
  world = await clusterWorld();
});
afterAll(() => world?.close());

interface Empty {
  plane: ControlPlane;
  run(options: { killAfter?: number; killAt?: string }): Promise<{ result: StepResult; calls: string[] }>;
}

/** Calls with this argument are those of a bootstrap that has done its work and begins to wait. */
const waits = 'nodes';

async function empty(name: string): Promise<Empty> {
  const plane = await controlPlane(world.sandbox.run, { name });
  const kubeconfig = join(world.sandbox.run.folder, `${name}.yaml`);
  const subject = { user: 'somebody', groups: ['system:masters'], ttlSeconds: 3600 };
  await writeFile(kubeconfig, await plane.kubeconfig(subject), { mode: 0o600 });
  return {
    plane,
    async run(options) {
      const shim = await world.shim({ killAt: waits, ...options });
      const result = await world.step('bootstrap', { kubeconfig }, { kubectl: shim });
      return { result, calls: await shim.calls() };
    },
  };
}

interface Listed {
  items: { metadata: Record<string, string | undefined>; status?: unknown; data?: Record<string, string> }[];
}

const lists = [
  ...['namespaces', 'secrets', 'configmaps', 'services', 'serviceaccounts'].map(each => `/api/v1/${each}`),
  ...['deployments', 'statefulsets'].map(each => `/apis/apps/v1/${each}`),
  ...['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'].map(
    each => `/apis/rbac.authorization.k8s.io/v1/${each}`,
  ),
  '/apis/networking.k8s.io/v1/networkpolicies',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  ...['applications', 'appprojects'].map(each => `/apis/argoproj.io/v1alpha1/${each}`),
];

/** By kind and name a digest of all that is there: without what the API server counts and stamps, and of Secrets that are
 * made here only the keys. */
async function everything({ api }: ControlPlane): Promise<Record<string, string>> {
  const found = await Promise.all(
    lists.map(async path => {
      const { body } = await api<Listed>('GET', path);
      return (body.items ?? []).map(({ metadata, status: _, ...rest }) => {
        const { uid, resourceVersion, creationTimestamp, generation, managedFields, ...named } = metadata;
        const made = path.endsWith('secrets') && named.name !== 'database';
        const text = JSON.stringify({ named, ...(made ? { keys: Object.keys(rest.data ?? {}) } : rest) })
          .replaceAll(String(uid), 'uid')
          .replace(/"clusterIPs?":(\[[^\]]*\]|"[^"]*")/g, '"clusterIP"');
        const title = `${path.split('/').at(-1)} ${named.namespace ?? ''}/${named.name}`;
        return [title, createHash('sha256').update(text).digest('hex').slice(0, 12)] as const;
      });
    }),
  );
  // A cluster's own, which has its certificate and its port in it.
  const ours = found.flat().filter(([title]) => !/kube-root-ca| (default|kube-\w+)\//.test(title));
  return Object.fromEntries(ours);
}

const seeded = async ({ api }: ControlPlane): Promise<Record<string, string>> => {
  const secrets = { 'argocd/argocd-secret': '', 'argocd/argocd-redis': '', 'shop/user-manager-keys': '' };
  for (const each of Object.keys(secrets)) {
    const [namespace, name] = each.split('/');
    const { body } = await api<{ data?: Record<string, string> }>(
      'GET',
      `/api/v1/namespaces/${namespace}/secrets/${name}`,
    );
    secrets[each as keyof typeof secrets] = JSON.stringify(body.data ?? {});
  }
  return secrets;
};

test(
  'killed after any call, the next run makes the same world, and what was made once stays',
  async () => {
    const whole = await empty('whole');
    const { calls, result } = await whole.run({});
    expect(result.code, result.log).toBe(137);
    expect(calls.at(-1), 'it came to where it waits').toContain(` ${waits} `);
    const [expected, length] = [await everything(whole.plane), calls.length - 1];
    await whole.plane.stop();
    expect(Object.keys(expected).length).toBeGreaterThan(60);
    expect(calls.filter(each => each.startsWith('apply') && !each.includes('dry-run'))).toHaveLength(2);

    for (let killAfter = 0; killAfter < length; killAfter++) {
      const cluster = await empty(`k${killAfter}`);
      const killed = await cluster.run({ killAfter });
      expect(killed.result.code, killed.result.log).toBe(137);
      const before = await seeded(cluster.plane);
      const next = await cluster.run({});
      const where = `after call ${killAfter}: ${killed.calls[killAfter]}\n${killed.result.log}\n---\n${next.result.log}`;
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
