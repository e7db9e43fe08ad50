import type { Kubectl } from '../kubectl/kubectl.ts';
import { type Application, applications, hooks, outdated } from './application.ts';
import { hasBegun, type Pod } from './workload.ts';

/**
 * Ends a sync that was begun for what an Application said before and waits for a Job that cannot begin: a migration whose
 * image does not exist, say. Argo CD would wait until the Job's own time is up, and then try the same again, whatever has
 * been mended since. A Job that has begun is left alone: it may be in the middle of the database.
 * @returns what was ended, in one sentence; nothing when there was nothing to end
 */
export async function endOutdated(cluster: Kubectl, application: Application): Promise<string | undefined> {
  const { name, namespace } = application.metadata;
  const waiting = hooks(application).filter(({ hookPhase }) => hookPhase === 'Running');
  if (!outdated(application) || waiting.length === 0) return undefined;
  for (const { kind, name: job, namespace: place = 'default' } of waiting) {
    if (kind !== 'Job') return undefined;
    const pods = await cluster.list<Pod>('pods', { namespace: place, selector: `job-name=${job}` });
    if (pods.some(hasBegun)) return undefined;
  }
  // As `argocd app terminate-op` does it; Argo CD then begins anew with what the Application says now.
  const patch = { status: { operationState: { phase: 'Terminating' } } };
  await cluster.patch(applications, [name], patch, namespace);
  const jobs = waiting.map(each => `${each.kind} ${each.namespace}/${each.name}`).join(', ');
  return `Application ${name}: a sync of what it said before waited for ${jobs}, which could not begin, and was ended`;
}
