import type { Kubectl } from '../kubectl/kubectl.ts';
import { type Application, applications, refresh, shortcomings } from './application.ts';
import { endOutdated } from './outdated.ts';

/** How long an Application may stand as it is before Argo CD is asked to look again, in milliseconds. */
const patience = 20_000;

/**
 * Keeps Argo CD from standing still. Each Application is asked for a fresh look when it is first seen, because what it said
 * of its branch before the merge that is deployed here does not count, and again as long as something is wrong: the controller
 * can miss that a part got well, and would look by itself only minutes later. A sync that has failed for good is asked for
 * once more: by itself Argo CD does not try the same commit again, whatever has been mended since. And a sync of what was
 * there before the mend is ended when it waits for what cannot begin.
 * https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/#automated-sync-semantics
 * @param say what somebody should know of it
 */
export function nudging(
  cluster: Kubectl,
  namespace: string,
  say: (sentence: string) => void = () => {},
  now = Date.now,
) {
  const looked = new Map<string, number>();
  const synced = new Set<string>();

  /** @param found what was just read; its annotations are updated to what was asked */
  return async (found: readonly Application[]): Promise<void> => {
    const stale = found.filter(each => {
      const last = looked.get(each.metadata.name);
      if (last === undefined) return true;
      return now() - last > patience && !isAsked(each) && shortcomings(each).length > 0;
    });
    for (const each of found.filter(each => !stale.includes(each) && hasFailed(each))) {
      const attempt = `${each.metadata.name} ${each.status?.operationState?.finishedAt}`;
      if (synced.has(attempt)) continue;
      synced.add(attempt);
      await cluster.patch(applications, [each.metadata.name], { operation: operation(each) }, namespace);
    }
    if (stale.length === 0) return;
    for (const each of stale.filter(({ metadata }) => looked.has(metadata.name))) {
      const ended = await endOutdated(cluster, each);
      if (ended !== undefined) say(ended);
    }
    const names = stale.map(({ metadata }) => metadata.name);
    await cluster.annotate(applications, names, { [refresh]: 'normal' }, namespace);
    for (const { metadata } of stale) {
      metadata.annotations = { ...metadata.annotations, [refresh]: 'normal' };
      looked.set(metadata.name, now());
    }
  };
}

const isAsked = ({ metadata }: Application): boolean => metadata.annotations?.[refresh] !== undefined;

/** Whether its last sync has failed, with all its retries, and nothing else is under way; one that nobody automated is its owner's. */
function hasFailed(application: Application): boolean {
  const { operation, spec, status } = application;
  const failed = ['Failed', 'Error'].includes(status?.operationState?.phase ?? '');
  const automated = spec?.syncPolicy?.automated !== undefined && status?.sync?.status === 'OutOfSync';
  return failed && automated && !operation && !isAsked(application);
}

/** What Argo CD's own automation would ask for. */
function operation({ spec }: Application): object {
  const { automated, syncOptions, retry } = spec?.syncPolicy ?? {};
  return {
    initiatedBy: { username: 'slipway' },
    sync: { prune: automated?.prune ?? false, ...(syncOptions && { syncOptions }) },
    ...(retry && { retry }),
  };
}
