import { posix } from 'node:path';
import { recordDeployment } from '../github/deploying.ts';
import { type Environment, newEnvironment } from '../github/settings.ts';
import { jobUrl } from '../github/shapes/workflows.ts';
import type { Conclusion, PendingReview, WorkflowJob, WorkflowRun } from '../github/workflow-runs.ts';
import { now, type Repository, type World } from '../github/world.ts';
import type { Event } from './event.ts';
import type { Leaf } from './leaf.ts';

/** A job before the environment that it enters. */
export interface Entering {
  environment: NonNullable<Leaf['environment']>;
  shown: WorkflowJob;
  signal: AbortSignal;
}

/**
 * Does a job's work once its environment lets it in, and records that as GitHub does.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
 */
export const environments =
  (world: World, repository: Repository, run: WorkflowRun, event: Event) =>
  async (entering: Entering, work: () => Promise<Conclusion>): Promise<Conclusion> => {
    const { shown, signal } = entering;
    const { name, isDeployment } = entering.environment;
    const environment = entered(world, repository, name);
    const { deployment, status } = isDeployment
      ? recordDeployment(world, repository, {
          ...{ environment: environment.name, sha: event.sha, ref: event.branch },
          logUrl: jobUrl(repository, run, shown),
        })
      : { deployment: undefined, status: () => {} };
    const refused = (...sentences: string[]): Conclusion => {
      for (const text of sentences) shown.log.push({ step: 0, text: `Error: ${text}` });
      status('failure');
      return 'failure';
    };

    if (environment.waitTimer > 0)
      return refused(`The sandbox keeps no wait timer, and ${environment.name} has one`);
    const from = event.ref.replace(/^refs\/heads\//, '');
    if (!letsIn(repository, environment, from))
      return refused(
        `Branch "${from}" is not allowed to deploy to ${environment.name} due to environment protection rules.`,
        unmet,
      );
    if (environment.reviewers.length > 0) {
      status('waiting');
      const answer = await reviewed(run, shown, signal, { environment: environment.name, deployment });
      if (answer === 'rejected') return refused(unmet);
      if (answer === 'cancelled') {
        status('failure');
        return 'cancelled';
      }
    }
    status('queued');
    status('in_progress');
    try {
      const result = await work();
      status(result === 'success' ? 'success' : 'failure');
      return result;
    } catch (error) {
      status('failure');
      throw error;
    }
  };

const unmet = "The deployment was rejected or didn't satisfy other protection rules.";

/** The secrets that a job in an environment sees, as they were stored; one without an environment sees none. */
export const secretsIn = ({ settings }: Repository, environment?: string): Record<string, string> =>
  Object.fromEntries(
    [...(settings.environments.get(environment?.toLowerCase() ?? '')?.secrets ?? [])].map(
      ([name, { value }]) => [name, value],
    ),
  );

function entered({ nextId }: World, { settings }: Repository, name: string): Environment {
  const known = settings.environments.get(name.toLowerCase());
  const environment = known ?? newEnvironment(nextId(), name, now());
  if (!known) settings.environments.set(name.toLowerCase(), environment);
  return environment;
}

/** @param from a branch, or `refs/pull/1/merge`. Where no branch is protected, `protected_branches` means all. */
function letsIn({ protection }: Repository, { policy, branches }: Environment, from: string): boolean {
  if (!policy) return true;
  if (policy.protected_branches) return protection.size === 0 || protection.has(from);
  return branches.some(({ name, type }) => type === 'branch' && posix.matchesGlob(from, name));
}

/** Waits for one of the reviewers; while it does, the job and its run are shown to wait. */
function reviewed(
  run: WorkflowRun,
  shown: WorkflowJob,
  signal: AbortSignal,
  asked: Pick<PendingReview, 'environment' | 'deployment'>,
): Promise<'approved' | 'rejected' | 'cancelled'> {
  return new Promise(resolve => {
    const end = (answer: 'approved' | 'rejected' | 'cancelled') => {
      signal.removeEventListener('abort', cancelled);
      run.pending = run.pending.filter(each => each !== pending);
      if (run.pending.length === 0) run.status = 'in_progress';
      shown.status = 'queued';
      resolve(answer);
    };
    const cancelled = () => end('cancelled');
    const pending: PendingReview = { ...asked, since: now(), answer: end };
    run.pending.push(pending);
    run.status = 'waiting';
    shown.status = 'waiting';
    signal.addEventListener('abort', cancelled);
  });
}
