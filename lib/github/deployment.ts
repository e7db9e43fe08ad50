import type { Octokit } from '../runner/runner.ts';
import { backoff } from './backoff.ts';
import { once, patiently, Unanswered } from './call.ts';
import { type Repository, repository } from './repository.ts';

export interface DeploymentRequest {
  /** `owner/name` */
  repository: string;
  /** The commit that is deployed. */
  sha: string;
  environment: string;
  /** The page of the run, which the record links to. */
  runUrl: string;
  /** One line; GitHub takes 140 characters, and more is cut off. */
  description: string;
}

/** Sets the final status. */
export type Finish = (state: 'success' | 'failure') => Promise<void>;

const purpose = { to: 'write deployments', needs: 'deployments: write' };

/**
 * Records on the environment's page that a commit is being deployed: in progress, until the returned function is called.
 * There is one record a run: for a job with `environment:` GitHub makes one of its own, and sets its final status whatever
 * happens to the job; that one is left to it. A run that was killed and is run again goes on with its record.
 * @throws UserError when the token may not write deployments
 */
export async function deployment(octokit: Octokit, request: DeploymentRequest): Promise<Finish> {
  const target = repository(octokit, request.repository);
  let id: number | undefined;
  for (let attempt = 0; id === undefined; attempt++) {
    if (attempt > 0) await backoff(attempt);
    const records = await look(target, request);
    id = records.find(each => isOurs(each, request))?.id;
    if (id === undefined && (await anyOfRun(target, records, request.runUrl))) return async () => {};
    // After a lost answer the next look tells.
    id ??= await create(target, request).catch(error => {
      if (error instanceof Unanswered && attempt < 5) return undefined;
      throw error;
    });
  }
  const found = id;
  await status(target, found, request, 'in_progress');
  return state => status(target, found, request, state);
}

/** Whether a run has recorded the commit, and how that has ended, or leaves both to GitHub. */
export async function isConcluded(octokit: Octokit, request: DeploymentRequest): Promise<boolean> {
  const target = repository(octokit, request.repository);
  const records = await look(target, request);
  const own = records.find(each => isOurs(each, request));
  if (!own) return anyOfRun(target, records, request.runUrl);
  return (await statuses(target, own.id)).some(({ state }) => state !== 'in_progress');
}

/** What this run has recorded and not ended well, though all of it is there by now: it has succeeded. */
export async function succeeded(octokit: Octokit, request: DeploymentRequest): Promise<void> {
  const target = repository(octokit, request.repository);
  const own = (await look(target, request)).find(each => isOurs(each, request));
  if (!own) return;
  const [latest] = await statuses(target, own.id);
  // Inactive is what has succeeded and was followed by another: a second success would show both.
  if (latest?.state !== 'success' && latest?.state !== 'inactive')
    await status(target, own.id, request, 'success');
}

interface Record {
  id: number;
  payload: unknown;
}

/** The latest records of this commit on this environment, the newest first. */
async function look(
  { octokit, owner, repo }: Repository,
  { sha, environment }: DeploymentRequest,
): Promise<Record[]> {
  const { data } = await patiently(purpose, request =>
    octokit.rest.repos.listDeployments({ owner, repo, sha, environment, per_page: 10, request }),
  );
  return data;
}

const isOurs = ({ payload }: Record, { runUrl }: DeploymentRequest): boolean =>
  typeof payload === 'object' && (payload as { run?: unknown } | null)?.run === runUrl;

// GitHub's own has no sign of the run but the link to its job's log: https://github.com/OWNER/REPO/actions/runs/RUN/job/JOB
async function anyOfRun(target: Repository, records: Record[], runUrl: string): Promise<boolean> {
  for (const { id } of records) {
    const found = await statuses(target, id);
    if (found.some(({ log_url }) => log_url === runUrl || log_url?.startsWith(`${runUrl}/`))) return true;
  }
  return false;
}

async function statuses({ octokit, owner, repo }: Repository, id: number) {
  const { data } = await patiently(purpose, request =>
    octokit.rest.repos.listDeploymentStatuses({ owner, repo, deployment_id: id, per_page: 100, request }),
  );
  return data;
}

async function create(
  { octokit, owner, repo }: Repository,
  { sha, environment, runUrl, description }: DeploymentRequest,
): Promise<number> {
  const { data } = await once(purpose, request =>
    octokit.rest.repos.createDeployment({
      ...{
        owner,
        repo,
        ref: sha,
        environment,
        description: short(description),
        payload: { run: runUrl },
        request,
      },
      // Unasked, GitHub merges the default branch into the ref first, and waits for every status of the commit.
      auto_merge: false,
      required_contexts: [],
    }),
  );
  if (!('id' in data)) throw new Unanswered(data.message ?? 'GitHub made no deployment');
  return data.id;
}

/** The same status twice does no harm. */
async function status(
  { octokit, owner, repo }: Repository,
  id: number,
  { runUrl, description }: DeploymentRequest,
  state: Parameters<Finish>[0] | 'in_progress',
): Promise<void> {
  await patiently(purpose, request =>
    octokit.rest.repos.createDeploymentStatus({
      ...{ owner, repo, deployment_id: id, state, log_url: runUrl, description: short(description), request },
    }),
  );
}

const short = (text: string): string =>
  text.length <= 140 ? text : `${text.slice(0, 139).replace(/[\uD800-\uDBFF]$/, '')}…`;
