import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type ControlPlane, controlPlane } from '../../sandbox/control-plane/index.ts';
import { define, install } from '../../sandbox/control-plane/objects.ts';
import { openRun } from '../../sandbox/run.ts';
import { tool } from '../../sandbox/tools/build.ts';
import { type Kubectl, kubectl } from '../kubectl/kubectl.ts';
import { terminalRunner } from '../runner/terminal.ts';
import type { Wishes } from './claims.ts';
import { parseFallback } from './fallback.ts';
import { observe } from './observe.ts';
import { parseSources, type SourceName, sources } from './sources.ts';

const run = openRun();
const runner = terminalRunner();
let plane: ControlPlane;
let cluster: Kubectl;

beforeAll(async () => {
  const [path] = await Promise.all([
    tool('kubectl'),
    controlPlane(run, { name: 'cluster' }).then(made => (plane = made)),
  ]);
  vi.stubEnv('PATH', [dirname(path), process.env.PATH].join(delimiter));
  cluster = kubectl(runner, await kubeconfig('system:masters'));
});
afterAll(async () => {
  await run.close();
  await runner.close();
});

async function kubeconfig(group: string): Promise<string> {
  const file = join(run.folder, `kubeconfig-${group}`);
  writeFileSync(file, await plane.kubeconfig({ user: group, groups: [group], ttlSeconds: 600 }), {
    mode: 0o600,
  });
  return file;
}

const fixtures = join(import.meta.dirname, 'fixtures');
const fallback = parseFallback('infra/traefik');
const brief = ({ claims, unreadable, notes }: Wishes) => ({
  claims: claims
    .map(({ name, source, targets, ttl, proxied, pending }) =>
      [
        ...[name.replace(/example\.com$/, ''), source.replace('shop/', '')],
        ...targets.map(({ content }) => content),
        ...[ttl && `ttl=${ttl}`, proxied && 'proxied', pending && '(waits)'].filter(Boolean),
      ].join(' '),
    )
    .sort(),
  unreadable: unreadable.map(({ source }) => source),
  notes,
});

test('a kind that is not installed, or may not be listed, is an error and no empty list', async () => {
  for (const name of ['ingressroute', 'ingressroutetcp', 'httproute']) {
    await expect(observe(cluster, parseSources(`ingress ${name}`), { targets: [] })).rejects.toThrow(
      new RegExp(
        `^Could not list .*: it is not installed in the cluster; install it, or leave "${name}" out of the input "sources"`,
      ),
    );
  }
  const nobody = kubectl(runner, await kubeconfig('nobody'));
  await expect(observe(nobody, ['ingress'], { targets: [] })).rejects.toThrow(
    /^Could not list ingresses.*403/,
  );
  await expect(observe(cluster, ['ingress'], fallback)).rejects.toThrow(
    /^There is no Service infra\/traefik in the cluster/,
  );
});

test("Traefik's own definitions and the Gateway API's, and objects of every kind", async () => {
  const kinds = (...names: SourceName[]) =>
    names.flatMap(name => sources[name].resources.filter(resource => resource.includes('.')));
  await define(plane.api, 'traefik/traefik', kinds('ingressroute', 'ingressroutetcp'));
  await define(plane.api, 'kubernetes-sigs/gateway-api', kinds('httproute'));
  await install(plane.api, join(fixtures, 'cluster.yaml'));
  await install(plane.api, join(fixtures, 'traefik.yaml'));

  const found = await observe(
    cluster,
    parseSources('ingress ingressroute ingressroutetcp httproute service'),
    fallback,
  );
  expect(brief(found)).toEqual({
    claims: [
      '*. HTTPRoute hostless 203.0.113.20',
      '*.wild. Ingress web 203.0.113.10 2001:db8::10 ttl=600',
      'alias. Ingress web 203.0.113.10 2001:db8::10 ttl=600',
      'both. Ingress both 203.0.113.10',
      'db. IngressRouteTCP database 203.0.113.40',
      'early. Service early (waits)',
      'elsewhere. Ingress elsewhere lb.example.net',
      'fresh. Ingress fresh 203.0.113.1',
      'inner. Ingress inner (waits)',
      'mail. Service mail mail.example.net',
      'one. IngressRoute ui 203.0.113.1',
      'only. Ingress annotated 203.0.113.10 proxied',
      'outer. Service outer 203.0.113.30',
      'routed. HTTPRoute routed 203.0.113.20',
      'smtp. Service mail mail.example.net',
      'two. IngressRoute ui 203.0.113.1',
      'ui. IngressRoute ui 203.0.113.1',
      'unseen. HTTPRoute unseen (waits)',
      'web. Ingress web 203.0.113.10 2001:db8::10 ttl=600',
    ],
    unreadable: ['IngressRoute shop/odd'],
    notes: [
      'Ingress shop/both: its status has addresses and host names; lb.example.net is left out',
      'Ingress shop/theirs: left to the controller "other" of its annotation',
      'HTTPRoute shop/routed: no listener of its Gateways takes far.example.net',
    ],
  });

  // What waits for the load balancer of all goes on once that has its address.
  await plane.api('PATCH', '/api/v1/namespaces/infra/services/traefik/status', {
    status: { loadBalancer: null },
  });
  const later = await observe(cluster, ['ingressroute'], fallback);
  expect(later.claims.map(({ pending }) => pending)).toEqual(
    later.claims.map(() => 'Service infra/traefik is to take it, and it has no address yet'),
  );
});

test('the rights that the documentation gives are enough, and each of them is needed', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../actions/dns/README.md'), 'utf8');
  const text = /```yaml\n(apiVersion: rbac[\s\S]*?)```/.exec(page)?.[1] ?? '';
  const [role, binding] = parseAllDocuments(text).map(each => each.toJS() as Record<string, unknown>);
  const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
  const rules = role?.rules as { resources: string[] }[];
  const subjects = [{ kind: 'User', name: 'least', apiGroup: 'rbac.authorization.k8s.io' }];
  await plane.api('POST', path, role);
  await plane.api('POST', `${path.replace('roles', 'rolebindings')}`, { ...binding, subjects });
  const least = kubectl(runner, await kubeconfig('least'));
  const all = parseSources('ingress ingressroute ingressroutetcp httproute service');
  const look = () => Promise.all([observe(least, all, fallback), least.get('namespaces', 'kube-system')]);
  await vi.waitFor(look, { timeout: 20_000, interval: 500 });

  const lines = rules.flatMap(({ resources, ...rule }) =>
    resources.map(each => ({ ...rule, resources: [each] })),
  );
  for (const line of lines) {
    await plane.api('PUT', `${path}/slipway-dns`, { ...role, rules: lines.filter(each => each !== line) });
    const refused = new RegExp(`${line.resources}.*403|403.*${line.resources}`, 's');
    await vi.waitFor(() => expect(look()).rejects.toThrow(refused), { timeout: 20_000, interval: 300 });
  }
});
