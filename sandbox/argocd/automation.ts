import {
  type Application,
  automated,
  now,
  type Operation,
  type OperationState,
  type Source,
} from './application.ts';
import type { Comparison } from './compare.ts';
import { canonical } from './object.ts';

export interface Due {
  operation?: Operation;
  /** Milliseconds to wait first. */
  after: number;
  problem?: [{ type: 'SyncError'; message: string }];
}

/** Whether automated sync starts now, by Argo CD's rules: once a revision, again only to heal. */
export function dueSync(
  application: Application,
  { sync, resources }: Comparison,
  revision: string,
): Due | undefined {
  const { source, syncPolicy = {} } = application.spec;
  const { prune = false, selfHeal = false, allowEmpty = false } = syncPolicy.automated ?? {};
  if (!automated(application) || application.operation || sync !== 'OutOfSync') return undefined;
  if (!prune && resources.every(each => each.status === 'Synced' || each.requiresPruning)) return undefined;

  const operation: Operation = {
    sync: { revision, source, prune, syncOptions: syncPolicy.syncOptions ?? [] },
    initiatedBy: { automated: true },
    retry: syncPolicy.retry ?? { limit: 5 },
  };
  const state = application.status?.operationState;
  if (!state || !wasFor(state, revision, source)) {
    const empty = prune && !allowEmpty && resources.every(each => each.requiresPruning);
    return empty
      ? refusal(`Skipping sync attempt to [${revision}]: auto-sync will wipe out all resources`)
      : { operation, after: 0 };
  }
  if (state.phase === 'Failed' || state.phase === 'Error') {
    return refusal(`Failed last sync attempt to [${revision}]: ${state.message}`);
  }
  if (!selfHeal) return undefined;

  const sinceLast = Date.now() - Date.parse(state.finishedAt ?? now());
  const attempts = sinceLast > healCooldown ? 0 : (state.operation.sync.selfHealAttemptsCount ?? 0);
  operation.sync.selfHealAttemptsCount = attempts + 1;
  operation.sync.resources = resources
    .filter(each => each.status !== 'Synced')
    .map(({ group = '', kind, name }) => ({ group, kind, name }));
  return { operation, after: healDelay(attempts) - sinceLast };
}

/** An operation that never got to a result counts as tried: somebody must look. */
const wasFor = ({ syncResult }: OperationState, revision: string, source: Source): boolean =>
  !syncResult || (syncResult.revision === revision && canonical(syncResult.source) === canonical(source));

const refusal = (message: string): Due => ({ after: 0, problem: [{ type: 'SyncError', message }] });

// Argo CD's defaults: at once, then after 2 s, three times as long each time up to 300 s; forgotten after 330 quiet seconds.
const healCooldown = 330_000;
const healDelay = (attempts: number): number =>
  attempts === 0 ? 0 : Math.min(300_000, 2000 * 3 ** (attempts - 1));
