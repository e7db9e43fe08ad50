import type { Health, HealthCode } from './health.ts';
import { annotation, type KubernetesObject } from './object.ts';

/** The part of an Application that is read and written here. https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/ */
export interface Application extends KubernetesObject {
  spec: {
    project: string;
    destination: { server?: string; name?: string; namespace?: string };
    source: Source;
    syncPolicy?: {
      automated?: { prune?: boolean; selfHeal?: boolean; allowEmpty?: boolean; enabled?: boolean };
      syncOptions?: string[];
      retry?: Retry;
    };
  };
  operation?: Operation;
  status?: Status;
}

export interface Source {
  repoURL: string;
  path?: string;
  targetRevision?: string;
  kustomize?: { images?: string[]; patches?: unknown[] };
}

export interface Retry {
  limit?: number;
  backoff?: { duration?: string; factor?: number; maxDuration?: string };
}

export interface Operation {
  sync: {
    revision?: string;
    source?: Source;
    prune?: boolean;
    syncOptions?: string[];
    resources?: { group: string; kind: string; name: string }[];
    selfHealAttemptsCount?: number;
  };
  initiatedBy?: { automated?: boolean; username?: string };
  retry?: Retry;
}

export interface Status {
  sync: { status: SyncCode; revision: string; comparedTo: { source: Source; destination: object } };
  health: { status: HealthCode; lastTransitionTime?: string };
  conditions?: Condition[];
  resources?: ResourceStatus[];
  reconciledAt?: string;
  sourceType?: string;
  controllerNamespace?: string;
  summary?: { images?: string[] };
  history?: Deployment[];
  operationState?: OperationState;
}

export type SyncCode = 'Synced' | 'OutOfSync' | 'Unknown';

export interface Condition {
  type: 'InvalidSpecError' | 'ComparisonError' | 'SyncError' | 'DeletionError';
  message: string;
  lastTransitionTime?: string;
}

export interface ResourceStatus {
  group?: string;
  version: string;
  kind: string;
  namespace?: string;
  name: string;
  status?: SyncCode;
  health?: Health;
  requiresPruning?: boolean;
  syncWave?: number;
}

export interface Deployment {
  id: number;
  revision: string;
  source: Source;
  deployStartedAt: string;
  deployedAt: string;
}

export interface OperationState {
  operation: Operation;
  phase: 'Running' | 'Terminating' | 'Succeeded' | 'Failed' | 'Error';
  message: string;
  startedAt: string;
  finishedAt?: string;
  retryCount?: number;
  syncResult?: { revision: string; source: Source; resources: ResourceResult[] };
}

export interface ResourceResult {
  group: string;
  version: string;
  kind: string;
  namespace: string;
  name: string;
  /** Not of a hook that was taken. */
  status?: 'Synced' | 'SyncFailed' | 'Pruned' | 'PruneSkipped';
  message: string;
  hookType?: 'PreSync';
  hookPhase: 'Running' | 'Succeeded' | 'Failed';
  syncPhase: 'PreSync' | 'Sync';
}

/** Argo CD writes times without fractions of a second. */
export const now = (): string => `${new Date().toISOString().slice(0, 19)}Z`;

/** What the Application says its manifests depend on. https://argo-cd.readthedocs.io/en/stable/operator-manual/high_availability/#manifest-paths-annotation */
export const generatePaths = (application: Application): string[] =>
  (annotation(application, 'argocd.argoproj.io/manifest-generate-paths') ?? '').split(';').filter(Boolean);

export const automated = ({ spec }: Application): boolean => {
  const policy = spec.syncPolicy?.automated;
  return policy !== undefined && policy !== null && policy.enabled !== false;
};
