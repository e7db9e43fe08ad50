import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { identity, type Kubectl, type KubeObject } from '../kubectl/kubectl.ts';
import { encoded, manifest, secret } from './secrets.ts';

/** A Secret whose values are made here, once, and known nowhere else. */
export interface Seed {
  namespace: string;
  name: string;
  /** How the value of each key is made. */
  make: Record<string, () => string>;
}

/** What is to be made: a Secret that is not there, or the values that one lacks that is. */
export interface Sown {
  object: KubeObject;
  /** The keys that are made. */
  keys: string[];
  live?: KubeObject;
}

/**
 * @param argocd the namespace of Argo CD
 * @param services the namespace that the services share
 */
export const seeds = (argocd: string, services: string): Seed[] => [
  // Argo CD's server would make the first itself, and an init container of its Redis the second; but then a sync of the
  // self-managed Argo CD can wait for a hook that waits for the sync (https://github.com/argoproj/argo-cd/issues/22167).
  { namespace: argocd, name: 'argocd-secret', make: { 'server.secretkey': random } },
  { namespace: argocd, name: 'argocd-redis', make: { auth: random } },
  { namespace: services, name: 'user-manager-keys', make: { 'signing-key.pem': signingKey } },
];

const random = (): string => randomBytes(32).toString('base64url');

const signingKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

/** What is not there yet, with its values made. A value that is there is never changed. */
export async function missing(cluster: Kubectl, seeds: readonly Seed[]): Promise<Sown[]> {
  const named = seeds.map(seed => secret({ ...seed, values: {} }));
  const live = new Map(
    (await cluster.live(named.map(manifest))).map((each): [string, Live] => [identity(each), each]),
  );
  return seeds.flatMap((seed, index) => {
    const name = named[index];
    return sow(seed, name && live.get(identity(name))) ?? [];
  });
}

type Live = KubeObject & { data?: Record<string, string> };

function sow({ namespace, name, make }: Seed, live: Live | undefined): Sown | undefined {
  const keys = Object.keys(make).filter(key => !live?.data?.[key]);
  if (keys.length === 0) return undefined;
  const values = Object.fromEntries(keys.map(key => [key, make[key]?.() ?? '']));
  if (!live || live.metadata.deletionTimestamp) return { keys, object: secret({ namespace, name, values }) };
  return { keys, live, object: { ...live, ...{ data: { ...live.data, ...encoded(values) } } } };
}
