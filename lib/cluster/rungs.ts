import { type Kubectl, type Manifest, title } from '../kubectl/kubectl.ts';
import { type Application, applications, refresh, shortcomings, state } from './application.ts';
import type { Problem, Rung } from './ladder.ts';
import {
  complaints,
  type Event,
  explainWorkload,
  isReady,
  type Node,
  type Pod,
  unfinished,
  type Workload,
  workloadKinds,
} from './workload.ts';

export function nodes(cluster: Kubectl): Rung {
  return {
    name: 'a node to run on',
    async look() {
      const found = await cluster.list<Node>('nodes');
      if (found.some(isReady)) return [];
      if (found.length === 0)
        return [{ what: 'The cluster', why: ['no node has joined it: look at its node pool in Exoscale'] }];
      return found.map(node => ({ what: title(node), why: complaints(node.status?.conditions, ['Ready']) }));
    },
  };
}

/** The workloads among these manifests, rolled out. */
export function rollouts(cluster: Kubectl, name: string, manifests: readonly Manifest[]): Rung {
  const wanted = manifests.map(({ object }) => object).filter(({ kind }) => workloadKinds.includes(kind));
  const namespace = wanted[0]?.metadata.namespace ?? 'default';
  const look = async () => {
    const found = new Map((await workloads(cluster, namespace)).map(each => [title(each), each]));
    return wanted.flatMap(object => {
      const workload = found.get(title(object));
      const why = workload ? unfinished(workload) : 'it does not exist';
      return why === undefined ? [] : [{ what: title(object), why: [why], workload }];
    });
  };
  return {
    name,
    look,
    async explain() {
      const [pods, events] = await witnesses(cluster, namespace);
      return (await look()).map(({ what, why, workload }) => ({
        what,
        why: workload ? [...why, ...explainWorkload(workload, pods, events)] : why,
      }));
    },
  };
}

/**
 * The root Application and, below it, all that it says it consists of. Each is asked once for a fresh look: what it said of
 * its branch before the merge that is deployed here does not count.
 */
export function deployed(cluster: Kubectl, root: Application, tell: (found: Application[]) => void): Rung {
  const namespace = root.metadata.namespace ?? 'argocd';
  const asked = new Set<string>();
  const ask = async (found: readonly Application[]): Promise<void> => {
    const names = found.map(({ metadata }) => metadata.name).filter(each => !asked.has(each));
    if (names.length === 0) return;
    await cluster.annotate(applications, names, { [refresh]: 'normal' }, namespace);
    for (const { metadata } of found.filter(each => names.includes(each.metadata.name))) {
      metadata.annotations = { ...metadata.annotations, [refresh]: 'normal' };
      asked.add(metadata.name);
    }
  };
  const look = async () => {
    const all = await cluster.list<Application>(applications, { namespace });
    const found = tree(root.metadata.name, new Map(all.map(each => [each.metadata.name, each])));
    const present = [...found.values()].flatMap(each => each ?? []);
    await ask(present);
    tell(present);
    return found;
  };
  return {
    name: 'the Applications',
    look: async () => problems(await look()),
    async explain() {
      const found = await look();
      return Promise.all(
        problems(found).map(async problem => {
          const application = found.get(problem.what.replace(/^Application /, ''));
          return application ? explainApplication(cluster, application, problem) : problem;
        }),
      );
    },
  };
}

const problems = (found: Map<string, Application | undefined>): Problem[] =>
  [...found].flatMap(([name, application]) => {
    const why = application ? shortcomings(application) : ['it does not exist'];
    return why.length > 0
      ? [{ what: `Application ${name}`, why, ...(application && { state: state(application) }) }]
      : [];
  });

/** An Application and its children by name; undefined for one that its parent lists and that is not there. */
export function tree(
  name: string,
  all: ReadonlyMap<string, Application>,
  found = new Map<string, Application | undefined>(),
): Map<string, Application | undefined> {
  if (found.has(name)) return found;
  const application = all.get(name);
  found.set(name, application);
  for (const { group, kind, name: child } of application?.status?.resources ?? [])
    if (kind === 'Application' && group === 'argoproj.io') tree(child, all, found);
  return found;
}

async function explainApplication(
  cluster: Kubectl,
  application: Application,
  problem: Problem,
): Promise<Problem> {
  // Since 3.0 Argo CD does not write the health of the parts into the Application: the workloads are asked themselves.
  const parts = (application.status?.resources ?? []).filter(({ kind }) => workloadKinds.includes(kind));
  const titles = new Set(parts.map(part => title({ apiVersion: '', kind: part.kind, metadata: part })));
  const why = [...problem.why];
  for (const namespace of new Set(parts.map(part => part.namespace ?? 'default'))) {
    const [pods, events] = await witnesses(cluster, namespace);
    for (const workload of await workloads(cluster, namespace)) {
      const reason = titles.has(title(workload)) && unfinished(workload);
      if (reason) why.push(`${title(workload)}: ${reason}`, ...explainWorkload(workload, pods, events));
    }
  }
  return { what: problem.what, why };
}

const workloads = (cluster: Kubectl, namespace: string) =>
  cluster.list<Workload>('deployments.apps,statefulsets.apps,daemonsets.apps', { namespace });

const witnesses = (cluster: Kubectl, namespace: string): Promise<[Pod[], Event[]]> =>
  Promise.all([cluster.list<Pod>('pods', { namespace }), cluster.list<Event>('events', { namespace })]);
