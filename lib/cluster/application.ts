import type { KubeObject } from '../kubectl/kubectl.ts';

/** Argo CD's Application, as far as it says whether a deployment has arrived. */
export type Application = KubeObject<Spec, Status> & { operation?: unknown };

export interface Source {
  repoURL?: string;
  path?: string;
  targetRevision?: string;
}

interface Spec {
  source?: Source;
  sources?: Source[];
  destination?: { namespace?: string };
  syncPolicy?: { automated?: { prune?: boolean }; syncOptions?: string[]; retry?: object };
}

interface Status {
  sync?: {
    status?: string;
    revision?: string;
    revisions?: string[];
    comparedTo?: { source?: Source; sources?: Source[] };
  };
  health?: { status?: string; message?: string };
  conditions?: { type: string; message: string }[];
  operationState?: {
    phase?: string;
    message?: string;
    finishedAt?: string;
    syncResult?: { revision?: string; source?: Source; resources?: Task[] };
  };
  resources?: Resource[];
}

export interface Resource {
  group?: string;
  kind: string;
  namespace?: string;
  name: string;
  status?: string;
  health?: { status?: string; message?: string };
}

/** What a sync did, or does, to one object; a hook is an object that runs at a point of it and is no part of `resources`. */
interface Task extends Omit<Resource, 'health'> {
  message?: string;
  hookType?: string;
  hookPhase?: string;
}

export const applications = 'applications.argoproj.io';

/** Asks the controller to resolve the revision anew; it takes the annotation away when it has written the new status. */
export const refresh = 'argocd.argoproj.io/refresh';

/**
 * Why an Application cannot be called deployed; empty when it can. Both sync and health count, on each Application: with
 * a path that does not exist a child is `Unknown` and yet `Healthy`, and the root above it is content.
 */
export function shortcomings({ metadata, operation, spec, status }: Application): string[] {
  const { sync, health, operationState } = status ?? {};
  if (metadata.deletionTimestamp) return ['it is being deleted'];
  if (metadata.annotations?.[refresh] || !sync)
    return ['Argo CD has not looked at it since: see whether its application controller runs'];
  const reasons = (status?.conditions ?? [])
    .filter(({ type }) => type.endsWith('Error'))
    .flatMap(({ type, message }) => [
      `${type}: ${message.trim()}`,
      ...advice(message.trim(), repositories(spec)),
    ]);
  if (sync.status !== 'Synced') {
    // While nothing can be compared, every single object is Unknown.
    const names = sync.status === 'Unknown' ? [] : unsynced(status?.resources);
    reasons.push(`it is ${sync.status}${naming(names)}`);
  } else if (!same(sync.comparedTo?.source ?? sync.comparedTo?.sources, spec?.source ?? spec?.sources))
    reasons.push('Argo CD has not compared it with its new source yet');
  else if (isCommit(spec?.source?.targetRevision) && sync.revision !== spec?.source?.targetRevision)
    reasons.push(`it is at ${sync.revision} instead of ${spec?.source?.targetRevision}`);
  if (operation || operationState?.phase === 'Running')
    reasons.push(`a sync is under way${because(operationState?.message)}`, ...refused(operationState));
  else if (operationState?.phase && operationState.phase !== 'Succeeded')
    reasons.push(
      `its last sync ${operationState.phase.toLowerCase()}${because(operationState.message)}`,
      ...refused(operationState),
    );
  if (health?.status !== 'Healthy') {
    reasons.push(`it is ${health?.status ?? 'of unknown health'}${because(health?.message)}`);
    reasons.push(...unhealthy(status?.resources).map(each => `${name(each)} is ${words(each)}`));
  }
  return reasons;
}

const repositories = (spec?: Spec): string =>
  (spec?.sources ?? [spec?.source]).flatMap(each => each?.repoURL ?? []).join(' or ') || 'its repository';

/** What Argo CD said last of what is wrong, also when it was asked to look again and has not yet. */
export function lastShortcomings(application: Application): string[] {
  const { [refresh]: _, ...annotations } = application.metadata.annotations ?? {};
  const before = shortcomings({ ...application, metadata: { ...application.metadata, annotations } });
  return before.length > 0 ? before : shortcomings(application);
}

/** What to do about a repository that Argo CD cannot read; git and go-git put it in different words, and do not all name it. */
function advice(message: string, repository: string): string[] {
  if (
    /authentication (required|failed)|could not read Username|repository not found|invalid credentials/i.test(
      message,
    )
  )
    return [
      `Argo CD may not read ${repository}: give a token that may, and is neither revoked nor expired, as the input "repository-token"`,
    ];
  if (
    /could not resolve host|no such host|connection (refused|reset)|empty reply|i\/o timeout|context deadline exceeded|\bEOF$|returned error: 5\d\d|status code: 5\d\d/i.test(
      message,
    )
  )
    return [
      `The cluster does not reach ${repository}: see that the address is right, the way out is open, and its host is up`,
    ];
  return [];
}

/** `OutOfSync, Progressing`: the two words a person knows from Argo CD's own pages. */
export const state = ({ status }: Application): string =>
  `${status?.sync?.status ?? 'not looked at yet'}, ${status?.health?.status ?? 'health unknown'}`;

/** The commit that an Application is at; of several sources, the first's. */
export const revision = ({ status }: Application): string | undefined =>
  status?.sync?.revision ?? status?.sync?.revisions?.[0];

const unhealthy = (resources: Resource[] = []): Resource[] =>
  resources.filter(({ health }) => health?.status !== undefined && health.status !== 'Healthy');

const unsynced = (resources: Resource[] = []): string[] =>
  resources.filter(({ status }) => status !== undefined && status !== 'Synced').map(name);

/** Whether the sync under way was begun for another source, or another commit, than Argo CD knows the Application to have now. */
export function outdated({ spec, status }: Application): boolean {
  const { phase, syncResult } = status?.operationState ?? {};
  if (phase !== 'Running' || !syncResult?.source || !status?.sync?.revision) return false;
  if (!same(status.sync.comparedTo?.source, spec?.source)) return false;
  return !same(syncResult.source, spec?.source) || syncResult.revision !== status.sync.revision;
}

/** The hooks of its last sync that have not come to a good end: until they do, nothing that follows them is touched. */
export const hooks = ({ status }: Application): Task[] =>
  (status?.operationState?.syncResult?.resources ?? []).filter(
    ({ hookType, hookPhase }) => hookType && hookPhase !== 'Succeeded',
  );

const refused = (operation: Status['operationState']): string[] =>
  (operation?.syncResult?.resources ?? []).flatMap(each => {
    if (each.status === 'SyncFailed') return [`${name(each)} was refused${because(each.message)}`];
    const failed = each.hookType && ['Failed', 'Error'].includes(each.hookPhase ?? '');
    return failed
      ? [`${name(each)}, which runs first (${each.hookType}), failed${because(each.message)}`]
      : [];
  });

const name = ({ kind, namespace, name }: { kind: string; namespace?: string; name: string }): string =>
  `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
const words = ({ health }: Resource): string => `${health?.status}${because(health?.message)}`;
const because = (message?: string): string => (message ? `: ${message.trim()}` : '');
const naming = (names: string[]): string => (names.length > 0 ? ` (${names.join(', ')})` : '');
const isCommit = (revision = ''): boolean => /^[0-9a-f]{40}$/.test(revision);

/** Equal but for what Argo CD leaves out when it writes: empty text, false, empty lists and maps; and the order of keys. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(normal(a)) === JSON.stringify(normal(b));
}

function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.length > 0 ? value.map(normal) : undefined;
  if (typeof value !== 'object' || value === null) return value || undefined;
  const entries = Object.entries(value)
    .map(([key, each]) => [key, normal(each)] as const)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
