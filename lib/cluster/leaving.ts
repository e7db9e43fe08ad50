import { type Kubectl, type KubeObject, type Manifest, title, unless } from '../kubectl/kubectl.ts';
import type { Runner } from '../runner/runner.ts';
import { applications } from './application.ts';
import { conditions } from './conditions.ts';
import type { Rung } from './ladder.ts';
import { isFoundation } from './observe.ts';
import { isController } from './versions.ts';

/**
 * What is going away takes in nothing new: namespaces and CustomResourceDefinitions after a teardown, say.
 *
 * Applications that go with Argo CD itself, as its namespace is deleted or their kind, wait for their finalizer for ever:
 * nobody is left to take it off. Then it is taken off here, and nothing is deleted by that: what they had brought stays for those that come next.
 */
export function leaving(runner: Runner, cluster: Kubectl, manifests: readonly Manifest[]): Rung {
  const foundations = manifests.filter(isFoundation);
  const controllers = manifests.filter(({ object }) => isController(object));
  const namespaces = new Set(controllers.map(({ object }) => object.metadata.namespace ?? 'default'));
  return {
    name: 'what is being deleted to be gone',
    async look() {
      const going = (await cluster.live(foundations)).filter(({ metadata }) => metadata.deletionTimestamp);
      const held = going.some(({ metadata }) => metadata.name === applications)
        ? [...namespaces]
        : going.filter(isHeld).map(({ metadata }) => metadata.name);
      for (const namespace of held.filter(each => namespaces.has(each)))
        if ((await cluster.live(controllers)).length === 0) await release(runner, cluster, namespace);
      return going.map(each => {
        const [first, ...others] = pending(each.status);
        const why = ['it is being deleted', ...(first ? [first] : []), ...others];
        return { what: title(each), why, state: first ?? 'it is being deleted' };
      });
    },
  };
}

const finalizer = 'resources-finalizer.argocd.argoproj.io';
const isHeld = ({ kind, status }: KubeObject): boolean =>
  kind === 'Namespace' && pending(status).some(each => each.includes(finalizer));

/** What a namespace or a kind says it still waits for. */
const pending = (status: unknown): string[] =>
  conditions(status)
    .filter(({ type, status }) => /^Namespace|^Terminating$/.test(type) && status === 'True')
    .flatMap(({ message }) => message ?? []);

async function release(runner: Runner, cluster: Kubectl, namespace: string): Promise<void> {
  const found = await orGone(cluster.list<KubeObject>(applications, { namespace }));
  const held = (found ?? []).filter(
    ({ metadata }) =>
      metadata.deletionTimestamp && metadata.finalizers?.some(each => each.startsWith(finalizer)),
  );
  for (const { metadata } of held) {
    const finalizers = metadata.finalizers?.filter(each => !each.startsWith(finalizer));
    await orGone(cluster.patch(applications, [metadata.name], { metadata: { finalizers } }, namespace));
  }
  if (held.length > 0)
    runner.warning(
      `Argo CD is gone, and its finalizer kept ${held.map(title).join(', ')}: it was taken off, and what they had brought stays`,
    );
}

/** What is on its way out may have gone since it was looked at, and its kind with it. */
const orGone = <T>(work: Promise<T>): Promise<T | undefined> =>
  unless('UnknownResource', unless('NotFound', work, undefined), undefined);
