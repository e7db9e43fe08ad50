import { type Application, generatePaths, now, type Status } from './application.ts';
import { type Argo, projectOf } from './argo.ts';
import { ApiError } from './cluster.ts';
import { type Comparison, compare } from './compare.ts';
import { canonical } from './object.ts';
import { forbidden } from './project.ts';
import type { Loaded } from './repo-server.ts';

export interface Seen {
  comparison?: Comparison;
  status: Omit<Status, 'operationState' | 'history'>;
}

/** What can be said of an Application now. */
export async function observe(argo: Argo, application: Application, fresh: boolean): Promise<Seen> {
  const { source, destination } = application.spec;
  const project = projectOf(argo, application);
  const unknown = { status: 'Unknown', revision: '', comparedTo: { source, destination } } as const;
  const problems = forbidden(application, project);
  if (problems.length > 0 || !project) {
    return {
      status: {
        sync: { ...unknown, revision: application.status?.sync?.revision ?? '' },
        health: healthSince(application, 'Unknown'),
        conditions: problems.map(message => ({ type: 'InvalidSpecError' as const, message })),
      },
    };
  }

  const changed = canonical(application.status?.sync?.comparedTo?.source) !== canonical(source);
  const loaded = await argo.repoServer
    .load(source, { fresh: fresh || changed, paths: generatePaths(application) })
    .catch((error: Error) => error);
  const failed = loaded instanceof Error;
  const targets = failed ? undefined : loaded.objects;
  const compared = await compare(argo.cluster, argo.live, application, project, targets, argo.differ).catch(
    (error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      return new Error(`Failed to compare desired state to live state: ${error.message}`);
    },
  );
  const error = failed ? loaded : compared instanceof Error ? compared : undefined;
  const comparison =
    compared instanceof Error
      ? await compare(argo.cluster, argo.live, application, project, undefined, argo.differ)
      : compared;
  return {
    ...(error ? {} : { comparison }),
    status: {
      sync: {
        status: comparison.sync,
        revision: failed ? (source.targetRevision ?? '') : loaded.revision,
        comparedTo: { source, destination },
      },
      health: healthSince(application, comparison.health),
      resources: comparison.resources,
      conditions: error ? [{ type: 'ComparisonError', message: error.message }] : [],
      reconciledAt: fresh || !application.status?.reconciledAt ? now() : application.status.reconciledAt,
      sourceType: 'Kustomize',
      controllerNamespace: argo.namespace,
      summary: failed ? {} : images(loaded),
    },
  };
}

function healthSince({ status }: Application, health: Status['health']['status']): Status['health'] {
  const since = status?.health?.status === health ? status.health.lastTransitionTime : now();
  return { status: health, ...(since ? { lastTransitionTime: since } : {}) };
}

export const withTimes = ({ status }: Application, conditions: NonNullable<Status['conditions']>) =>
  conditions.map(({ type, message }) => {
    const before = status?.conditions?.find(each => each.type === type && each.message === message);
    return { type, message, lastTransitionTime: before?.lastTransitionTime ?? now() };
  });

function images({ objects }: Loaded): { images?: string[] } {
  const found = new Set<string>();
  const search = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (name === 'image' && typeof inner === 'string') found.add(inner);
      else search(inner);
    }
  };
  for (const object of objects) if (object.kind !== 'CustomResourceDefinition') search(object);
  return found.size > 0 ? { images: [...found].sort() } : {};
}
