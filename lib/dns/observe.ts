import { type Kubectl, type KubeObject, KubernetesError, kubectl } from '../kubectl/kubectl.ts';
import { UserError } from '../runner/errors.ts';
import { whole } from '../runner/gather.ts';
import type { Runner } from '../runner/runner.ts';
import type { Wishes } from './claims.ts';
import type { BalancerName, Fallback } from './fallback.ts';
import { readManifests, type Whence } from './manifests/manifests.ts';
import { balancer } from './sources/service.ts';
import { type SourceName, sources, wishes } from './sources.ts';
import type { Whereto } from './target.ts';

/**
 * What a cluster wants. Every list is whole, or this fails: also when a kind is not installed there, for an empty list in
 * its place would let go of every name.
 */
export async function observe(
  cluster: Kubectl,
  names: readonly SourceName[],
  fallback: Fallback,
): Promise<Wishes> {
  const resources = [...new Set(names.flatMap(name => sources[name].resources))];
  const [where, lists] = await whole([
    'targets' in fallback ? Promise.resolve(fallback) : balanced(cluster, fallback),
    whole(
      resources.map(resource =>
        cluster.list(resource).catch((error: unknown) => {
          throw missing(error, resource, names);
        }),
      ),
    ),
  ]);
  return wishes(names, lists.flat(), { fallback: where, fromFiles: false });
}

/** The same of the manifests in a folder, without a cluster: there is no status, and a route counts as taken. */
export async function observeManifests(
  runner: Runner,
  whence: Whence,
  names: readonly SourceName[],
  fallback: Fallback,
): Promise<Wishes> {
  const { objects, notes, unseen } = await readManifests(runner, kubectl(runner, ''), whence); // it only renders
  const where = 'targets' in fallback ? fallback : balancer(namedIn(objects, fallback));
  const found = wishes(names, objects, { fallback: where, fromFiles: true });
  return { ...found, notes: [...notes, ...found.notes], unseen, folder: whence.folder };
}

function namedIn(objects: readonly KubeObject[], { namespace, name }: BalancerName): KubeObject {
  const found = objects.find(
    ({ kind, metadata }) => kind === 'Service' && metadata.name === name && metadata.namespace === namespace,
  );
  if (found) return found;
  throw new UserError(
    `There is no Service ${namespace}/${name} in the manifests to lead hosts to: give addresses in the input "target"`,
  );
}

function missing(error: unknown, resource: string, names: readonly SourceName[]): unknown {
  if (!(error instanceof KubernetesError) || error.reason !== 'UnknownResource') return error;
  const name = names.find(each => sources[each].resources.includes(resource));
  const rest = names.filter(each => each !== name && !isTraefiks(each));
  const without = rest.length > 0 ? rest.join(', ') : 'ingress';
  const others = isTraefiks(name) ? `; without Traefik that is "sources: ${without}"` : '';
  return new UserError(
    `Could not list ${resource}: it is not installed in the cluster; install it, or leave "${name}" out of the input "sources"${others}`,
  );
}

const isTraefiks = (name: SourceName | undefined) => name?.startsWith('ingressroute') === true;

async function balanced(cluster: Kubectl, { namespace, name }: BalancerName): Promise<Whereto> {
  const found = await cluster.get('services', name, namespace);
  if (found) return balancer(found);
  throw new UserError(
    `There is no Service ${namespace}/${name} in the cluster to lead hosts to: see that the input "target" names the one in front of your ingress controller`,
  );
}
