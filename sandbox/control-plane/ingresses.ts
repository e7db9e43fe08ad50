import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Run } from '../run.ts';
import { controlPlane } from './index.ts';
import { define } from './objects.ts';

const path = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';

/** A cluster in which only its Ingresses matter, and a kubeconfig file for it. */
export async function ingressCluster(run: Run, name: string) {
  const cluster = await controlPlane(run, { name });
  const api = async (method: string, at: string, body?: unknown) => {
    const { status } = await cluster.api(method, at, body);
    if (status >= 400) throw new Error(`${method} ${at} was answered with ${status}`);
  };
  await define(cluster.api, 'traefik/traefik', ['ingressroutes.traefik.io', 'ingressroutetcps.traefik.io']);
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
