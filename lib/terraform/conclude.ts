import { comment, readSection } from '../github/comment.ts';
import { type DeploymentRequest, deployment, type Finish, succeeded } from '../github/deployment.ts';
import { runLine } from '../github/run-line.ts';
import type { Octokit, Runner } from '../runner/runner.ts';
import { concluded, sectionOf } from './comment.ts';
import type { Shown } from './reviewed.ts';

/** Who is told, and about what. */
interface Telling {
  environment: string;
  githubToken?: string | undefined;
}

/**
 * Gives the section of a plan on the pull request its next state: that it is being applied, or what was done, with the
 * plan folded under it. What it keeps of the plan stays, for an apply that is run again.
 * @param headline one line: `staging: 2 created, 0 destroyed`
 */
export async function conclude(
  runner: Runner,
  githubToken: string | undefined,
  shown: Shown | undefined,
  headline: string,
): Promise<void> {
  const { repository } = runner.context;
  if (!repository || !githubToken || !shown) return;
  const { pullRequest, section, commit, data } = shown;
  const body = concluded(shown.body, headline, runLine(runner));
  await attempt(runner, async () =>
    comment(await runner.octokit(githubToken), { repository, pullRequest, section, body, commit, data }),
  );
}

interface Announced {
  /** One line each: what is about to be done, and what is done in the end. */
  planned: string;
  done: string;
}

/**
 * Records that a plan is being applied, and keeps for `post` what that needs to tell how it ended, if this is killed.
 * @returns `applied` keeps that Terraform has done its part; `end` tells how it ended
 */
export async function begin(
  runner: Runner,
  request: Telling,
  shown: Shown | undefined,
  { planned, done }: Announced,
  failed = 'the apply failed',
): Promise<{ applied: () => void; end: (outcome: 'success' | 'failure') => Promise<void> }> {
  const { environment, githubToken } = request;
  const keep = (isApplied: boolean) =>
    runner.save('announced', JSON.stringify({ planned, done, isApplied, pullRequest: shown?.pullRequest }));
  keep(false);
  const finish = await record(runner, request, planned);
  return {
    applied: () => keep(true),
    async end(outcome) {
      const headline = outcome === 'success' ? done : `${environment}: ${failed}, see the run`;
      await conclude(runner, githubToken, shown, headline);
      await finish(outcome);
      runner.save('announced', '');
    },
  };
}

/** In `post`: tells how an apply ended whose `main` was killed before it could. */
export async function endAnnounced(
  runner: Runner,
  request: Telling,
  outcome: 'success' | 'failure',
): Promise<void> {
  const announced = runner.saved('announced');
  if (!announced) return;
  const { pullRequest, isApplied, ...lines } = JSON.parse(announced) as Announced & {
    pullRequest?: number;
    isApplied: boolean;
  };
  const shown = await attempt(runner, () => stillShown(runner, request, pullRequest));
  const { end } = await begin(runner, request, shown, lines, 'the apply was stopped');
  await end(isApplied ? 'success' : outcome);
}

async function stillShown(
  runner: Runner,
  { environment, githubToken }: Telling,
  pullRequest: number | undefined,
): Promise<Shown | undefined> {
  const { repository } = runner.context;
  if (!repository || !githubToken || pullRequest === undefined) return undefined;
  const section = sectionOf(environment);
  const found = await readSection(await runner.octokit(githubToken), { repository, pullRequest, section });
  return found && { pullRequest, section, ...found };
}

/** Records on the environment's page that this commit is being applied, where there is a token for it. */
async function record(runner: Runner, telling: Telling, description: string): Promise<Finish> {
  const finish = await onPage(runner, telling, description, deployment);
  return async state => void (await attempt(runner, async () => finish?.(state)));
}

/** What this run was to apply is applied, so it has not failed: all that an attempt before could not tell is that. */
export const nothingLeft = (runner: Runner, telling: Telling): Promise<void> =>
  onPage(runner, telling, `${telling.environment}: nothing is left to do`, succeeded);

async function onPage<T>(
  runner: Runner,
  { environment, githubToken }: Telling,
  description: string,
  work: (octokit: Octokit, request: DeploymentRequest) => Promise<T>,
): Promise<T | undefined> {
  const { repository, sha, runUrl } = runner.context;
  if (!repository || !sha || !runUrl || !githubToken) return undefined;
  return attempt(runner, async () =>
    work(await runner.octokit(githubToken), { repository, sha, environment, runUrl, description }),
  );
}

/** What is told beside the work: when it cannot be told, the work is done all the same. */
export async function attempt<T>(
  runner: Pick<Runner, 'warning'>,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    runner.warning(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
