import { randomBytes } from 'node:crypto';
import type { Kubectl, KubeObject } from '../kubectl/kubectl.ts';

/** A Secret whose values are made at random, once, in the cluster, and known nowhere else. */
interface Seed {
  name: string;
  /** The keys whose values are made. */
  keys: readonly string[];
}

// Argo CD's server would make the first itself, and an init container of its Redis the second; but then a sync of the
// self-managed Argo CD can wait for a hook that waits for the sync (https://github.com/argoproj/argo-cd/issues/22167).
const seeds: readonly Seed[] = [
  { name: 'argocd-secret', keys: ['server.secretkey'] },
  { name: 'argocd-redis', keys: ['auth'] },
];

/** The Secrets that are not there yet, with their values made. One that is there is left as it is. */
export async function missingSeeds(cluster: Kubectl, namespace: string): Promise<KubeObject[]> {
  const live = await Promise.all(seeds.map(({ name }) => cluster.get('secrets', name, namespace)));
  return seeds.filter((_, index) => !live[index]).map(seed => make(seed, namespace));
}

const make = ({ name, keys }: Seed, namespace: string): KubeObject => {
  const data = Object.fromEntries(
    keys.map(key => [key, Buffer.from(randomBytes(32).toString('base64url')).toString('base64')]),
  );
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, ...{ type: 'Opaque', data } };
};
