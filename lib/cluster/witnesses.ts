import { type Kubectl, KubernetesError } from '../kubectl/kubectl.ts';
import { type Event, explainWorkload, type Pod, troubled, unfinished, type Workload } from './workload.ts';

/** Whom to ask in a namespace why its workloads do not come up. Read once, when time is up. */
export interface Witnesses {
  workloads: Workload[];
  pods: Pod[];
  events: Event[];
}

export async function witnesses(cluster: Kubectl, namespace: string): Promise<Witnesses> {
  const [workloads, pods, events] = await Promise.all([
    cluster.list<Workload>(`${servers},jobs.batch`, { namespace }),
    cluster.list<Pod>('pods', { namespace }),
    cluster.list<Event>('events', { namespace }),
  ]);
  return { workloads, pods, events };
}

const servers = 'deployments.apps,statefulsets.apps,daemonsets.apps';

export const workloadsOf = (cluster: Kubectl, namespace: string): Promise<Workload[]> =>
  cluster.list<Workload>(servers, { namespace });

/** Why a workload's rollout is not finished, to the last lines of its crashing containers; empty when it is. */
export async function testimony(
  cluster: Kubectl,
  workload: Workload,
  { pods, events }: Witnesses,
): Promise<string[]> {
  const reason = unfinished(workload);
  if (reason === undefined) return [];
  const logs = await Promise.all(
    troubled(workload, pods).map(async ({ pod, container, previous }) => {
      const lines = await lastLines(cluster, pod, container, previous);
      return lines.map(line => `${container} wrote: ${line}`);
    }),
  );
  return [reason, ...explainWorkload(workload, pods, events), ...logs.flat()];
}

const most = 5;

async function lastLines(
  cluster: Kubectl,
  pod: Pod,
  container: string,
  previous: boolean,
): Promise<string[]> {
  try {
    const lines = await cluster.logs(pod, container, { lines: most, previous });
    return lines.slice(-most).map(line => (line.length > 200 ? `${line.slice(0, 199)}…` : line));
  } catch (error) {
    if (error instanceof KubernetesError) return []; // the node is gone, or keeps none of it any more
    throw error;
  }
}
