import { identity, type Kubectl, type KubeObject, type Manifest } from '../kubectl/kubectl.ts';
import type { Runner } from '../runner/runner.ts';
import { climb, type Deadline, type Rung } from './ladder.ts';
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
  await climb(runner, [leaving(cluster, foundations)], deadline);
  await cluster.apply(foundations);
  await climb(runner, [served(cluster, foundations)], deadline);
  // Looked for now: what was there before may have gone with its namespace.
  for (const { object, live } of await missing(cluster, seeds))
    await (live ? cluster.replace(object) : cluster.create(object));
  await cluster.apply(manifests.filter(each => !isFoundation(each)));
}

/** A namespace that is going away takes in nothing new: after a teardown, say. */
const leaving = (cluster: Kubectl, foundations: readonly Manifest[]): Rung => ({
  name: 'what is being deleted to be gone',
  async look() {
    const live = await cluster.live(foundations);
    return live
      .filter(({ metadata }) => metadata.deletionTimestamp)
      .map(({ kind, metadata, status }) => ({
        what: `${kind} ${metadata.name}`,
        why: ['it is being deleted', ...pending(status)],
      }));
  },
});

interface Conditions {
  conditions?: { type: string; status: string; message?: string }[];
}

const conditions = (status: unknown) => (status as Conditions | undefined)?.conditions ?? [];

/** What a namespace says it still waits for. */
const pending = (status: unknown): string[] => {
  const said = conditions(status).flatMap(({ status, message }) =>
    status === 'True' && message ? [message] : [],
  );
  return said.some(each => each.includes(argocdsFinalizer)) ? [...said, released] : said;
};

const argocdsFinalizer = 'resources-finalizer.argocd.argoproj.io';
const released = `Argo CD, which would take ${argocdsFinalizer} off, may be gone: then take it off each Application by hand, with kubectl --namespace argocd patch applications.argoproj.io NAME --type merge --patch '{"metadata":{"finalizers":null}}'`;

/** A kind that was defined a moment ago is not served yet. */
const served = (cluster: Kubectl, foundations: readonly Manifest[]): Rung => {
  let waited = foundations.filter(({ object }) => object.kind === 'CustomResourceDefinition');
  return {
    name: 'the new kinds of objects to be served',
    async look() {
      const late = (await cluster.live(waited)).filter(each => !isEstablished(each));
      // Some definitions are a megabyte: those that are served are not asked for again.
      waited = waited.filter(({ object }) => late.some(each => identity(each) === identity(object)));
      return late.map(({ kind, metadata, status }) => ({
        what: `${kind} ${metadata.name}`,
        why: ['it is not Established', ...conditions(status).flatMap(each => each.message ?? [])],
      }));
    },
  };
};

const isEstablished = ({ status }: KubeObject): boolean =>
  conditions(status).some(each => each.type === 'Established' && each.status === 'True');
