import { identity, type Kubectl, type KubeObject, type Manifest, title } from '../kubectl/kubectl.ts';
import type { Runner } from '../runner/runner.ts';
import { conditions } from './conditions.ts';
import { climb, type Deadline, type Rung } from './ladder.ts';
import { leaving } from './leaving.ts';
import { isFoundation } from './observe.ts';
import { missing, type Seed } from './seeds.ts';

/**
 * Applies namespaces and CustomResourceDefinitions, then what must be there before anything starts, then the rest.
 * Killed in between, the next run goes on: applying twice is applying once.
 */
export async function apply(
  runner: Runner,
  cluster: Kubectl,
  manifests: readonly Manifest[],
  seeds: readonly Seed[],
  deadline: Deadline,
): Promise<void> {
  const foundations = manifests.filter(isFoundation);
  await climb(runner, [leaving(runner, cluster, manifests)], deadline);
  await cluster.apply(foundations);
  await climb(runner, [served(cluster, foundations)], deadline);
  // Looked for now: what was there before may have gone with its namespace.
  for (const { object, live } of await missing(cluster, seeds))
    await (live ? cluster.replace(object) : cluster.create(object));
  await cluster.apply(manifests.filter(each => !isFoundation(each)));
}

/** A kind that was defined a moment ago is not served yet. */
const served = (cluster: Kubectl, foundations: readonly Manifest[]): Rung => {
  let waited = foundations.filter(({ object }) => object.kind === 'CustomResourceDefinition');
  return {
    name: 'the new kinds of objects to be served',
    async look() {
      const late = (await cluster.live(waited)).filter(each => !isEstablished(each));
      // Some definitions are a megabyte: those that are served are not asked for again.
      waited = waited.filter(({ object }) => late.some(each => identity(each) === identity(object)));
      return late.map(each => ({
        what: title(each),
        why: ['it is not Established', ...conditions(each.status).flatMap(({ message }) => message ?? [])],
      }));
    },
  };
};

const isEstablished = ({ status }: KubeObject): boolean =>
  conditions(status).some(each => each.type === 'Established' && each.status === 'True');
