import type { Application } from '../cluster/application.ts';

/** An Application that brings Applications, perhaps itself among them. */
export const isParent = ({ status }: Application): boolean =>
  (status?.resources ?? []).some(({ group, kind }) => group === 'argoproj.io' && kind === 'Application');

/**
 * The order in which Applications are deleted: the last sync wave first, as Argo CD itself does it, and those that bring
 * others after all the others.
 */
export function waves(applications: readonly Application[]): Application[][] {
  const groups = Map.groupBy(applications, each => (isParent(each) ? Number.NEGATIVE_INFINITY : wave(each)));
  return [...groups].sort(([a], [b]) => b - a).map(([, group]) => group);
}

const wave = ({ metadata }: Application): number =>
  Number(metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0) || 0;
