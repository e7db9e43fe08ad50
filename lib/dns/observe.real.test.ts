import { expect, test } from 'vitest';
import { planeWorld } from '../../scripts/testing/plane.ts';
import { kubectl } from '../kubectl/kubectl.ts';
import type { Wishes } from './claims.ts';
import { parseFallback } from './fallback.ts';
import { observe } from './observe.ts';
import { parseSources } from './sources.ts';

const { runner, plane, cluster, kubeconfig, installAll } = planeWorld();
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
    await expect(observe(cluster(), parseSources(`ingress ${name}`), { targets: [] })).rejects.toThrow(
      new RegExp(
        `^Could not list .*: it is not installed in the cluster; install it, or leave "${name}" out of the input "sources"`,
      ),
    );
  }
  const nobody = kubectl(runner, await kubeconfig('nobody'));
  await expect(observe(nobody, ['ingress'], { targets: [] })).rejects.toThrow(
    /^Could not list ingresses.*403/,
  );
  await expect(observe(cluster(), ['ingress'], fallback)).rejects.toThrow(
    /^There is no Service infra\/traefik in the cluster/,
  );
});

test("Traefik's own definitions and the Gateway API's, and objects of every kind", async () => {
  await installAll();
  const found = await observe(
    cluster(),
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
  await plane().api('PATCH', '/api/v1/namespaces/infra/services/traefik/status', {
    status: { loadBalancer: null },
  });
  const later = await observe(cluster(), ['ingressroute'], fallback);
  expect(later.claims.map(({ pending }) => pending)).toEqual(
    later.claims.map(() => 'Service infra/traefik is to take it, and it has no address yet'),
  );
});
