import { expect, test } from 'vitest';
import type { Runner } from '../runner/runner.ts';
import { kubectl } from './kubectl.ts';

const answering = (stdout: string) =>
  kubectl(
    {
      folder: async () => '/nowhere',
      run: async () => ({ code: 0, stdout, stderr: '' }),
    } as unknown as Runner,
    'kubeconfig',
  );
const list = (...items: object[]) => JSON.stringify({ kind: 'List', items });

test.each([
  [
    'a list of another kind, as kubectl makes it of a Status',
    list({ kind: 'Status' }),
    'with Status instead',
  ],
  ['a list of lists', list({ kind: 'IngressList' }), 'with IngressList instead'],
  ['a list of nothing that has a kind', list({}), 'with something else instead'],
  ['one object', JSON.stringify({ kind: 'Ingress', metadata: {} }), 'gave a part of a list'],
  ['no items', JSON.stringify({ kind: 'List' }), 'gave a part of a list'],
  ['nothing', '', 'no whole answer came'],
  ['half an answer', '{"kind":"List","items":[', 'no whole answer came'],
])('%s is no list', async (_, stdout, reason) => {
  await expect(answering(stdout).list('ingresses.networking.k8s.io')).rejects.toThrow(
    new RegExp(
      `^Could not list ingresses.networking.k8s.io: .*${reason}.*; run it again$|^Could not list ingresses.networking.k8s.io: ${reason}`,
    ),
  );
});

test.each([
  ['ingresses.networking.k8s.io', 'Ingress'],
  ['gateways.gateway.networking.k8s.io', 'Gateway'],
  ['networkpolicies.networking.k8s.io', 'NetworkPolicy'],
  ['ingressroutetcps.traefik.io', 'IngressRouteTCP'],
  ['deployments.apps,daemonsets.apps', 'DaemonSet'],
])('%s may be of %s', async (resource, kind) => {
  expect(await answering(list({ kind })).list(resource)).toHaveLength(1);
});

test('half an object is no object', async () => {
  await expect(answering('{').get('services', 'a')).rejects.toThrow(
    'Could not read services a: no whole answer came; run it again',
  );
});
