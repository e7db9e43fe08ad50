import { type Kubectl, type Manifest, title } from '../kubectl/kubectl.ts';
import type { Rung } from './ladder.ts';
import { testimony, witnesses, workloadsOf } from './witnesses.ts';
import { complaints, isReady, type Node, unfinished, workloadKinds } from './workload.ts';

/** One that is ready is enough to begin on; `tell` hears of those that are not. */
export function nodes(cluster: Kubectl, tell: (unready: string[]) => void = () => {}): Rung {
  return {
    name: 'a node to run on',
    async look() {
      const found = await cluster.list<Node>('nodes');
      const unready = found
        .filter(node => !isReady(node))
        .map(node => ({ what: title(node), why: complaints(node.status?.conditions, ['Ready']) }));
      if (found.length > unready.length) {
        tell(unready.map(({ what, why }) => `${what}: ${why.join('; ') || 'not ready'}`));
        return [];
      }
      if (found.length === 0)
        return [{ what: 'The cluster', why: ['no node has joined it: look at its node pool in Exoscale'] }];
      return unready;
    },
  };
}

/** The workloads among these manifests, rolled out. */
export function rollouts(cluster: Kubectl, name: string, manifests: readonly Manifest[]): Rung {
  const wanted = manifests.map(({ object }) => object).filter(({ kind }) => workloadKinds.includes(kind));
  const namespace = wanted[0]?.metadata.namespace ?? 'default';
  return {
    name,
    async look() {
      const found = new Map((await workloadsOf(cluster, namespace)).map(each => [title(each), each]));
      return wanted.flatMap(object => {
        const workload = found.get(title(object));
        const why = workload ? unfinished(workload) : 'it does not exist';
        return why === undefined ? [] : [{ what: title(object), why: [why] }];
      });
    },
    async explain(problems) {
      const known = await witnesses(cluster, namespace);
      const explained = problems.map(async ({ what, why }) => {
        const workload = known.workloads.find(each => title(each) === what);
        return { what, why: workload ? await testimony(cluster, workload, known) : why };
      });
      return (await Promise.all(explained)).filter(({ why }) => why.length > 0);
    },
  };
}
