import type { KubeObject } from '../../kubectl/kubectl.ts';

export interface Source {
  targetRevision?: string;
  kustomize?: { images?: string[] };
}

/** Argo CD's Application, as far as it tells since when which version is healthy. */
export type Application = KubeObject<
  { source?: Source },
  {
    sync?: { status?: string; revision?: string; comparedTo?: { source?: Source } };
    health?: { status?: string; message?: string; lastTransitionTime?: string };
    summary?: { images?: string[] };
    history?: { revision?: string; deployedAt?: string }[];
    operationState?: { phase?: string; message?: string; finishedAt?: string };
  }
> & { operation?: unknown };
