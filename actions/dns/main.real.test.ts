import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { ControlPlane } from '../../sandbox/control-plane/index.ts';
import { define } from '../../sandbox/control-plane/objects.ts';
import { openEgress } from '../../sandbox/egress.ts';
import { exoscaleStandIn } from '../../sandbox/exoscale/index.ts';
import { caller, maker, remembered } from '../../sandbox/exoscale/testing.ts';
import { pinned } from '../../sandbox/tools/parts.ts';
import {
  definitions,
  dnsWorld,
  foreign,
  ingresses,
  ingressRoutes,
  route,
} from '../../scripts/testing/dns.ts';

const { run, api, dns, cluster, server } = dnsWorld();

test('without the kind that Traefik brings nothing is let go', async () => {
  await api('DELETE', `${definitions}/ingressroutes.traefik.io`);
  try {
    await vi.waitFor(
      async () => expect((await cluster().api('GET', ingressRoutes)).status).toBe(404),
      10_000,
    );
    const { code, annotations, requests } = await dns({ 'allow-deletes': 'true' });
    expect(code).toBe(1);
    const message = expect.stringMatching(/^Could not list ingressroutes\.traefik\.io: .*not installed/);
    expect(annotations).toEqual([{ level: 'error', message }]);
    expect(requests.filter(request => !request.startsWith('GET'))).toEqual([]);
  } finally {
    await define(cluster().api, 'traefik/traefik', ['ingressroutes.traefik.io']);
  }
});

test('the records of a zone follow the hosts of a real cluster', async () => {
  await api('POST', ingressRoutes, route('ui', 'Host(`shop.staging.example.com`) && PathPrefix(`/`)'));
  await api(
    'POST',
    ingressRoutes,
    route('admin', '!Host(`api.staging.example.com`) || Host(`admin.staging.example.com`)'),
  );
  await api('POST', ingresses, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'old', namespace: 'default' },
    spec: {
      rules: [{ host: 'old.staging.example.com' }],
      defaultBackend: { service: { name: 'old', port: { number: 80 } } },
    },
  });

  const zone = server().zone('example.com').id;
  const list = `GET /client/v4/zones/${zone}/dns_records?page=1&per_page=5000`;
  const batch = `POST /client/v4/zones/${zone}/dns_records/batch`;
  const look = ['GET /client/v4/zones?name=example.com', list, list];

  const dry = await dns({ 'dry-run': 'true' });
  expect(dry.code).toBe(0);
  expect(dry.requests).toEqual(look);
  expect(dry.log).toContain('staging: 3 to create in example.com (a dry run)');
  expect(server().zone('example.com').records).toHaveLength(foreign.length);

  const first = await dns();
  expect(first.requests).toEqual([...look, batch]);
  const plan = `DNS of example.com: 3 to create

+ admin.staging.example.com  A  203.0.113.10  IngressRoute default/admin
+ old.staging.example.com    A  203.0.113.10  Ingress default/old
+ shop.staging.example.com   A  203.0.113.10  IngressRoute default/ui`;
  expect(first.log).toBe(`dns\n${plan}\nstaging: 3 records created in example.com\n`);
  expect(first.summary).toBe(`### ${plan.replace('\n\n', '\n\n```diff\n')}\n\`\`\`\n`);
  expect(first.code).toBe(0);
  expect(first.outputs.changed).toBe('3');
  expect(JSON.parse(first.outputs.plan ?? '')).toMatchObject({
    zones: [{ zone: 'example.com', kept: 0, names: [{}, {}, {}] }],
  });
  expect(first.masks).toContain('cloudflare-token');
  expect(server().zone('example.com').text).toMatch(
    /shop\.staging\.example\.com\. +1 +IN +A +203\.0\.113\.10 +; slipway shop@[0-9a-f]{12} IngressRoute default\/ui\n/,
  );

  const second = await dns();
  expect(second.requests).toEqual(look);
  expect(second.log).toMatch(/\nstaging: nothing to change, 3 as wished in example\.com\n$/);
  expect(second.outputs.changed).toBe('0');

  await api('DELETE', `${ingresses}/old`);
  const third = await dns({ 'zone-id': zone, target: 'lb.example.net' });
  expect(third.requests).toEqual([list, list, batch]);
  expect(third.log).toContain('staging: 2 records created, 3 deleted in example.com');

  await api('POST', ingressRoutes, route('clash', 'Host(`www.example.com`)'));
  const clash = await dns({ target: 'lb.example.net' });
  expect(clash.code).toBe(1);
  // Later steps learn of it all the same.
  expect(JSON.parse(clash.outputs.plan ?? '')).toMatchObject({
    zones: [{ names: [{ name: 'www.example.com', kind: 'conflict' }] }],
  });
  expect(clash.annotations).toEqual([
    {
      level: 'error',
      message: expect.stringMatching(/^www\.example\.com: there is A 198\.51\.100\.7, which is not ours/),
    },
  ]);
  await api('DELETE', ingressRoutes);
  const empty = await dns();
  expect(empty.code).toBe(1);
  expect(empty.annotations[0]?.message).toMatch(
    /^The cluster has no host at all, and all 2 names of ours in example\.com would go/,
  );
  const meant = await dns({ 'allow-deletes': 'true' });
  expect(meant.outputs.changed).toBe('2');
  expect(
    server()
      .zone('example.com')
      .records.map(({ comment }) => comment),
  ).toEqual(['by hand', null]);
});

test('where the hosts lead, the cluster and the way into it are asked of Exoscale', async () => {
  const credentials = { key: 'EXOkey', secret: 'exoscale-secret' };
  const parts = remembered();
  const kubeconfig = (_: string, subject: Parameters<ControlPlane['kubeconfig']>[0]) =>
    cluster().kubeconfig(subject);
  const exoscale = await exoscaleStandIn({
    ...{ ...credentials, ...parts },
    cluster: { ...parts.cluster, kubeconfig },
  });
  const routes = [
    { host: '*.exoscale.com', target: exoscale.url },
    { host: 'api.cloudflare.com', target: server().url },
  ];
  const outside = await openEgress(run, routes);
  try {
    await api('POST', ingressRoutes, route('ui', 'Host(`shop.staging.example.com`)'));
    const make = maker(caller(exoscale.url, credentials));
    const version = pinned('kube-apiserver');
    const id = await make('/sks-cluster', { name: 'shop-staging', level: 'starter', version });
    await make('/load-balancer', { name: 'shop-staging' });
    const balancer = exoscale.account.zones['ch-gva-2']?.loadBalancers.find(
      ({ name }) => name === 'shop-staging',
    );

    const given = { target: '', 'cluster-id': '', kubeconfig: '' };
    const { code, log } = await dns(
      { ...given, 'exoscale-api-key': credentials.key, 'exoscale-api-secret': credentials.secret },
      outside,
    );
    expect(log).toContain(`+ shop.staging.example.com  A  ${balancer?.ip}  IngressRoute default/ui`);
    expect(code).toBe(0);
    const hash = createHash('sha256').update(id).digest('hex').slice(0, 12);
    expect(server().zone('example.com').text).toContain(`; slipway shop@${hash} IngressRoute default/ui\n`);
    expect(exoscale.complaints).toEqual([]);
  } finally {
    await outside.close();
    await exoscale.close();
  }
});

/** A workflow of somebody who has a cluster, a zone, and nothing of ours. */
const stranger = (inputs: Record<string, string>) =>
  dns({
    environment: '',
    'cluster-id': '',
    platform: 'nowhere.yaml',
    owner: 'acme',
    zones: 'example.com',
    ...inputs,
  });

test('without platform.yaml a kubeconfig, an owner, a zone and a target are enough', async () => {
  await api('POST', ingressRoutes, route('ui', 'Host(`shop.example.com`) || Host(`shop.example.org`)'));
  const namespace = await cluster().api('GET', '/api/v1/namespaces/kube-system');
  const { metadata } = namespace.body as { metadata: { uid: string } };
  const hash = createHash('sha256').update(metadata.uid).digest('hex').slice(0, 12);

  const { code, log } = await stranger({});
  expect(log).toBe(`dns
DNS of example.com: 1 to create

+ shop.example.com  A  203.0.113.10  IngressRoute default/ui

Also seen:
  IngressRoute default/ui: shop.example.org is in no zone of these and is left to others
acme: 1 record created in example.com
`);
  expect(code).toBe(0);
  expect(server().zone('example.com').text).toContain(`; slipway acme@${hash} IngressRoute default/ui\n`);
  expect((await stranger({})).log).toContain('acme: nothing to change, 1 as wished in example.com');
});

test('everything that is wrong with the inputs is said at once, before anything is asked for', async () => {
  const wrong = {
    owner: 'Acme!',
    zones: 'example, example.com=1',
    ttl: '5',
    'txt-prefix': 'a',
    'txt-suffix': 'b',
  };
  const { code, annotations, requests } = await stranger({ ...wrong, 'txt-encrypt-aes-key': 'short' });
  expect(code).toBe(1);
  expect(annotations.map(({ message }) => message.slice(0, 40))).toEqual([
    'Input "owner" is "Acme!": write lower-ca',
    'Input "zones" names "example", which is ',
    'Input "zones" has "example.com=1": write',
    'Input "ttl" is "5": write seconds from 6',
    'Inputs "txt-prefix" and "txt-suffix" exc',
    'Input "txt-encrypt-aes-key" is no AES-25',
  ]);
  expect(requests).toEqual([]);
  const nothing = await stranger({ kubeconfig: '', owner: '', zones: '' });
  expect(nothing.annotations.map(({ message }) => message.split(':')[0])).toEqual([
    'Inputs "environment" and "kubeconfig" are missing',
    'Input "owner" is missing',
    'Input "zones" is missing',
  ]);
  const nowhere = await stranger({ kubeconfig: 'no/such', owner: '' });
  expect(nowhere.annotations.map(({ message }) => message.split(':')[0])).toEqual([
    'There is no kubeconfig no/such',
    'Input "owner" is missing',
  ]);
  expect(nowhere.requests).toEqual([]);
  const bare = await stranger({ owner: '', zones: '' });
  expect(bare.annotations.map(({ message }) => message.slice(0, 26))).toEqual([
    'Input "owner" is missing: ',
    'Input "zones" is missing: ',
  ]);
});

test('what is missing is said before anything is asked for', async () => {
  const { code, annotations, requests } = await dns({ 'cloudflare-api-token': '', environment: 'stagin' });
  expect(code).toBe(1);
  expect(annotations[0]?.message).toMatch(/^Input "cloudflare-api-token" is missing/);
  expect(requests).toEqual([]);
  const wrong = await dns({ environment: 'stagin' });
  expect(wrong.annotations[0]?.message).toMatch(/did you mean "staging"/);
});
