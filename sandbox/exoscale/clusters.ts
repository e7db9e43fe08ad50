import { type Static, Type } from 'typebox';
import { pinned } from '../tools/parts.ts';
import { type Cluster, newId } from './account.ts';
import type { Api, ClusterHook, Id } from './api.ts';
import { closed, description, labels, name, oneOf, optional } from './bodies.ts';
import { ready, settle } from './operations.ts';
import { find, Refusal, remove } from './refusal.ts';

/** The newest is the Kubernetes that runs here. */
const versions = [pinned('kube-apiserver'), '1.33.6', '1.32.10'];

const audit = closed({
  endpoint: optional(Type.String({ minLength: 1, maxLength: 2000 })),
  'bearer-token': optional(Type.String({ minLength: 1 })),
  'initial-backoff': optional(Type.String({ minLength: 1, maxLength: 10 })),
  enabled: optional(Type.Boolean()),
});
const text = Type.String({ minLength: 1, maxLength: 255 });
const oidc = closed({
  'client-id': text,
  'issuer-url': text,
  'groups-claim': optional(text),
  'groups-prefix': optional(text),
  'username-claim': optional(text),
  'username-prefix': optional(text),
  'required-claim': optional(labels),
});
const addons = Type.Array(
  oneOf('exoscale-cloud-controller', 'exoscale-container-storage-interface', 'metrics-server', 'karpenter'),
);

const created = closed({
  name,
  description: optional(description),
  level: oneOf('starter', 'pro'),
  version: Type.String(),
  cni: optional(oneOf('calico', 'cilium')),
  addons: optional(addons),
  labels: optional(labels),
  'auto-upgrade': optional(Type.Boolean()),
  'enable-kube-proxy': optional(Type.Boolean()),
  'feature-gates': optional(Type.Array(Type.String())),
  oidc: optional(oidc),
  audit: optional(audit),
});
// Terraform's provider sends the two that may be null with every update, and null means: leave it.
const updated = closed({
  name: optional(name),
  description: optional(description),
  addons: optional(addons),
  labels: optional(labels),
  'auto-upgrade': optional(Type.Boolean()),
  'enable-operators-ca': optional(Type.Boolean()),
  'feature-gates': optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
  oidc: optional(Type.Union([oidc, Type.Null()])),
  audit: optional(audit),
});
const upgraded = closed({ version: Type.String() });
const subject = closed({
  user: Type.String({ minLength: 1 }),
  groups: Type.Array(Type.String()),
  ttl: optional(Type.Integer({ minimum: 1 })),
});

const thirtyDays = 30 * 24 * 60 * 60;

/** SKS: control planes, their authorities and kubeconfigs. */
export function clusters({ app, operations, zone, here, timestamp }: Api, hook: ClusterHook): void {
  const authorities = new Map<string, string>();
  const kind = 'sks-cluster';

  app.get('/sks-cluster-version', async () => ({ 'sks-cluster-versions': versions }));
  app.get('/sks-cluster', async request => ({ 'sks-clusters': here(request).clusters }));
  app.get<Id>('/sks-cluster/:id', async request => find(here(request).clusters, request.params.id));

  app.post<{ Body: Static<typeof created> }>('/sks-cluster', { schema: { body: created } }, async request => {
    // Neither is ever shown again.
    const { oidc: _oidc, audit: _audit, ...settings } = request.body;
    if (!versions.includes(settings.version))
      throw new Refusal(400, `Version ${settings.version} is not one of ${versions.join(', ')}`);
    const cluster: Cluster = {
      id: newId(),
      'created-at': timestamp(),
      state: 'creating',
      addons: [],
      labels: {},
      'feature-gates': [],
      'auto-upgrade': false,
      'enable-kube-proxy': settings.cni !== 'cilium',
      ...settings,
      nodepools: [],
    };
    here(request).clusters.push(cluster);
    return operations.start(zone(request), kind, cluster.id, () =>
      settle(cluster, async () => {
        const { endpoint, ca } = await hook.create(cluster.name, { id: cluster.id, zone: zone(request) });
        authorities.set(cluster.id, ca);
        cluster.endpoint = endpoint;
      }),
    );
  });

  app.put<Id & { Body: Static<typeof updated> }>(
    '/sks-cluster/:id',
    { schema: { body: updated } },
    async request => {
      const cluster = ready(find(here(request).clusters, request.params.id));
      const { oidc: _oidc, audit: _audit, ...settings } = request.body;
      const given = Object.entries(settings).filter(([, value]) => value !== null);
      cluster.state = 'updating';
      return operations.start(zone(request), kind, cluster.id, () =>
        settle(cluster, async () => Object.assign(cluster, Object.fromEntries(given))),
      );
    },
  );

  app.put<Id & { Body: Static<typeof upgraded> }>(
    '/sks-cluster/:id/upgrade',
    { schema: { body: upgraded } },
    async request => {
      const cluster = ready(find(here(request).clusters, request.params.id));
      const { version } = request.body;
      if (!versions.includes(version) || versions.indexOf(version) > versions.indexOf(cluster.version))
        throw new Refusal(400, `A cluster of version ${cluster.version} cannot become ${version}`);
      cluster.state = 'upgrading';
      return operations.start(zone(request), kind, cluster.id, () =>
        settle(cluster, async () => {
          cluster.version = version;
        }),
      );
    },
  );

  app.delete<Id>('/sks-cluster/:id', async request => {
    const zoned = here(request);
    const cluster = find(zoned.clusters, request.params.id);
    if (cluster.state !== 'error') ready(cluster);
    if (cluster.nodepools.length > 0) throw new Refusal(409, 'Cannot delete a cluster that has nodepools');
    cluster.state = 'deleting';
    return operations.start(zone(request), kind, cluster.id, () =>
      settle(cluster, async () => {
        await hook.delete(cluster.id);
        authorities.delete(cluster.id);
        remove(zoned.clusters, cluster);
      }),
    );
  });

  app.get<{ Params: { id: string; authority: string } }>(
    '/sks-cluster/:id/authority/:authority/cert',
    { schema: { params: closed({ id: name, authority: oneOf('aggregation', 'control-plane', 'kubelet') }) } },
    async request => {
      const cluster = find(here(request).clusters, request.params.id);
      return { cacert: base64(authorities.get(cluster.id) ?? '') };
    },
  );

  app.post<Id & { Body: Static<typeof subject> }>(
    '/sks-cluster-kubeconfig/:id',
    { schema: { body: subject } },
    async request => {
      const cluster = ready(find(here(request).clusters, request.params.id));
      const { user, groups, ttl = thirtyDays } = request.body;
      return { kubeconfig: base64(await hook.kubeconfig(cluster.id, { user, groups, ttlSeconds: ttl })) };
    },
  );
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
