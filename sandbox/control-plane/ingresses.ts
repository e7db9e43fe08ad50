import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../run.ts';
import { controlPlane } from './index.ts';

// As much of Traefik's own as matters here: its name and that it has routes.
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'ingressroutes.traefik.io' },
  spec: {
    group: 'traefik.io',
    names: {
      kind: 'IngressRoute',
      listKind: 'IngressRouteList',
      plural: 'ingressroutes',
      singular: 'ingressroute',
    },
    scope: 'Namespaced',
    versions: [
      {
        ...{ name: 'v1alpha1', served: true, storage: true },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};
const path = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';

/** A cluster in which only its Ingresses matter, and a kubeconfig file for it. */
export async function ingressCluster(run: Run, name: string) {
  const cluster = await controlPlane(run, { name });
  const api = async (method: string, at: string, body?: unknown) => {
    const { status } = await cluster.api(method, at, body);
    if (status >= 400) throw new Error(`${method} ${at} was answered with ${status}`);
  };
  await api('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  const routes = '/apis/traefik.io/v1alpha1/ingressroutes';
  for (let left = 200; (await cluster.api('GET', routes)).status !== 200; left--) {
    if (left === 0) throw new Error(`${routes} is not served`);
    await sleep(100);
  }
  const kubeconfig = join(run.folder, `${name}.kubeconfig`);
  const subject = { user: 'dns', groups: ['system:masters'], ttlSeconds: 3600 };
  writeFileSync(kubeconfig, await cluster.kubeconfig(subject));
  return {
    kubeconfig,
    /** @param targets as external-dns's annotation has them */
    add: (ingress: string, hosts: readonly string[], targets?: string) =>
      api('POST', path, {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: {
          name: ingress,
          ...(targets && { annotations: { 'external-dns.alpha.kubernetes.io/target': targets } }),
        },
        spec: {
          rules: hosts.map(host => ({ host })),
          defaultBackend: { service: { name: ingress, port: { number: 80 } } },
        },
      }),
    remove: (ingress: string) => api('DELETE', `${path}/${ingress}`),
  };
}
