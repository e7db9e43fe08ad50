import { dirname } from 'node:path';
import { type Ancestry, ancestryBetween } from '../../github/ancestry.ts';
import { commitsBetween } from '../../github/between.ts';
import { type Repository, repository } from '../../github/repository.ts';
import { type Review, reviewsOf } from '../../github/reviews.ts';
import { repositorySlug, select, type Target } from '../../platform/platform.ts';
import type { Runner } from '../../runner/runner.ts';
import type { PromoteRequest } from '../request.ts';
import type { Application } from './application.ts';
import type { Candidate } from './candidate.ts';
import type { Facts } from './facts.ts';
import { ancestryOf } from './tags.ts';

/** Gathers what the gates that are configured ask for, and nothing else. All of it, or an error. */
export async function observe(
  runner: Runner,
  where: Target,
  request: PromoteRequest,
  remote: Repository | undefined,
  candidates: readonly Candidate[],
): Promise<Facts> {
  const { promote } = where.settings;
  const { services } = where.platform;
  const facts: Facts = { now: new Date() };
  if (candidates.length === 0) return facts;
  if (promote?.healthy || promote?.soak) facts.applications = await applications(runner, where, request);
  if (remote) {
    facts.ancestry = await ancestries(remote, services, candidates);
    if (promote?.approval) facts.reviews = await reviews(runner, remote);
    if (promote?.attestation) {
      const { observeAttestations } = await import('./attestation/observe.ts');
      const folder = dirname(request.platformFile);
      facts.attestations = await observeAttestations(
        ...([runner, remote, services, promote.attestation, candidates, folder] as const),
      );
    }
  }
  return facts;
}

/** The Applications of the environment that the versions come from, read in its cluster with credentials of minutes. */
async function applications(
  runner: Runner,
  { platform, settings }: Target,
  { kubeconfig: given, exoscaleApiKey: key = '', exoscaleApiSecret: secret = '' }: PromoteRequest,
): Promise<Map<string, Application>> {
  const source = select(platform, settings.promote?.from ?? '');
  const [{ exoscale }, { withKubeconfig }, { kubectl }] = await Promise.all([
    import('../../exoscale/exoscale.ts'),
    import('../../exoscale/kubeconfig.ts'),
    import('../../kubectl/kubectl.ts'),
  ]);
  const access = {
    given,
    exoscale: exoscale({ key, secret, zone: source.settings.zone }),
    clusterName: source.resourceName,
  };
  runner.progress(`asking the cluster of ${source.environment} for its Applications`);
  const found = await withKubeconfig(runner, access, (path, renew) =>
    kubectl(runner, path, renew).list<Application>('applications.argoproj.io', { namespace: 'argocd' }),
  );
  return new Map(found.map(each => [each.metadata.name, each]));
}

async function ancestries(
  { octokit }: Repository,
  services: Target['platform']['services'],
  candidates: readonly Candidate[],
): Promise<Map<string, Ancestry>> {
  const found = new Map<string, Ancestry>();
  const asked = candidates.flatMap(each => {
    const commits = ancestryOf(each, services);
    const url = services[each.service]?.repository;
    return commits && url ? [{ ...commits, slug: repositorySlug(url) }] : [];
  });
  for (const { key, slug, from, to } of asked.filter(({ isChosen }) => isChosen)) {
    const ancestry = await ancestryBetween(repository(octokit, slug), from, to);
    if (ancestry) found.set(key, ancestry);
  }
  const others = asked.filter(({ isChosen }) => !isChosen);
  for (let start = 0; start < others.length; start += batch) {
    const some = others.slice(start, start + batch);
    const between = await commitsBetween(octokit, some);
    for (const [index, { key }] of some.entries()) {
      const way = between[index];
      if (way?.known && way.commits.length === 0 && way.left > 0) found.set(key, 'behind');
    }
  }
  return found;
}

// A hundred commits of two ends each: GitHub answers so much of it in the time that it gives itself.
const batch = 20;

/** Undefined outside of a run. */
async function reviews({ context }: Runner, { octokit }: Repository): Promise<Review[] | undefined> {
  // The run belongs to the repository whose workflow runs, which need not be the platform's.
  const [, slug, run] = /\/([\w.-]+\/[\w.-]+)\/actions\/runs\/(\d+)/.exec(context.runUrl ?? '') ?? [];
  return slug && run ? reviewsOf(repository(octokit, slug), Number(run)) : undefined;
}
