import type { Kubectl } from '../kubectl/kubectl.ts';
import { type Ingress, type IngressRoute, type Wishes, wishes } from './claims.ts';
import type { Target } from './target.ts';

/**
 * What a cluster wants. Both lists are whole, or this fails: also when Traefik's kind is not installed there,
 * for an empty list in its place would let go of every name.
 */
export async function observe(cluster: Kubectl, targets: readonly Target[]): Promise<Wishes> {
  const [ingresses, routes] = await Promise.all([
    cluster.list<Ingress>('ingresses.networking.k8s.io'),
    cluster.list<IngressRoute>('ingressroutes.traefik.io'),
  ]);
  return wishes({ ingresses, routes }, targets);
}
