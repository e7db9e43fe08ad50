import { parseReference, type Reference, sameRepository, writeReference } from '../reference.ts';
import type { Application, Source } from './application.ts';
import type { Candidate } from './candidate.ts';
import { type Gate, passed, waits } from './gate.ts';

/** The version is what runs in the environment that it comes from: Synced and Healthy, at that very revision and image. */
export const healthy = (from: string): Gate => ({
  name: 'healthy',
  judge(candidate, { applications }) {
    const why = unhealthy(applications?.get(candidate.service), candidate, from);
    return why === undefined ? passed(`Synced and Healthy in ${from}`) : waits(why);
  },
});

/** Why a version cannot be called healthy in its environment; undefined when it can. */
export function unhealthy(
  application: Application | undefined,
  { service, after, images }: Candidate,
  from: string,
): string | undefined {
  if (!application) return `there is no Application ${service} in the cluster of ${from}`;
  const { metadata, operation, spec, status } = application;
  const { sync, health, operationState } = status ?? {};
  if (metadata.deletionTimestamp) return `its Application is being deleted in ${from}`;
  const wished = spec?.source?.targetRevision;
  if (wished !== after.revision)
    return `${from} has not taken it over yet: its Application asks for revision ${wished ?? 'none'} instead of ${after.revision}`;
  if (metadata.annotations?.['argocd.argoproj.io/refresh'] || !sync)
    return `Argo CD has not looked at it in ${from} since`;
  // What the status says is about the source that it was compared with, which may be the one before.
  const compared = sync.comparedTo?.source?.targetRevision;
  if (compared !== wished || (isCommit(wished) && sync.revision !== wished))
    return `Argo CD is at revision ${(isCommit(wished) ? sync.revision : compared) || 'none'} in ${from} instead of ${wished}`;
  if (imagesOf(sync.comparedTo?.source) !== imagesOf(spec?.source))
    return `Argo CD has not compared ${from} with its new images yet`;
  if (sync.status !== 'Synced') return `it is ${sync.status} in ${from}`;
  if (operation || operationState?.phase === 'Running') return `a sync of it is under way in ${from}`;
  if (operationState?.phase !== 'Succeeded' || !operationState.finishedAt)
    return `its last sync in ${from} has not succeeded${because(operationState?.message)}`;
  if (health?.status !== 'Healthy')
    return `it is ${health?.status ?? 'of unknown health'} in ${from}${because(health?.message)}`;
  const running = (status?.summary?.images ?? []).flatMap(text => parseReference(text) ?? []);
  const missing = images.find(wanted => !running.some(image => isSame(image, wanted)));
  if (!missing) return undefined;
  const others = running.filter(image => sameRepository(image.repository, missing.repository));
  return `${from} does not run ${writeReference(missing)} but ${others.map(writeReference).join(', ') || 'no image of that name'}`;
}

const imagesOf = (source?: Source): string => (source?.kustomize?.images ?? []).join(' ');

/** A digest says all; without one it is the tag that must be the same, and no digest behind it that was not asked for. */
const isSame = (running: Reference, wanted: Reference): boolean =>
  sameRepository(running.repository, wanted.repository) &&
  running.digest === wanted.digest &&
  (wanted.digest !== undefined || running.tag === wanted.tag);

const isCommit = (revision = ''): boolean => /^[0-9a-f]{40}$/.test(revision);
const because = (message?: string): string => (message ? `: ${message.trim().replace(/\s+/g, ' ')}` : '');
