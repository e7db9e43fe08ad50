import { deployment, isConcluded } from '../github/deployment.ts';
import { latestCommits } from '../github/latest.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import type { Committed, Goal } from './apply.ts';
import { pinFolder } from './pin.ts';
import { line, title } from './render.ts';
import { readTrailers } from './trailers.ts';

type Where = Pick<Goal, 'repository' | 'environment' | 'asked'>;

/** On GitHub's page of the environment. A merge starts a workflow that does it; a commit by a workflow's token starts none. */
export async function recordCommit(
  runner: Runner,
  where: Where,
  { commit, changes }: Committed,
): Promise<void> {
  const { moves } = changes;
  if (moves.length === 0) return;
  const description = moves.length === 1 ? moves.map(line).join() : title(where.environment, changes);
  await attempt(runner, () => record(where, commit, description));
}

/** A run that was killed after its commit finds nothing to do when it is run again, and records what it made then. */
export async function recordAgain(runner: Runner, where: Where, head: string): Promise<void> {
  const { repository, environment, asked } = where;
  if (asked.run === undefined) return;
  await attempt(runner, async () => {
    const latest = await latestCommits(repository, head, pinFolder(environment));
    const own = latest.find(({ message }) => readTrailers(message).run === asked.run);
    if (!own) return;
    const [headline = '', , first = ''] = own.message.split('\n');
    const { size } = readTrailers(own.message).steps;
    if (size === 0 || (await isConcluded(repository.octokit, request(where, own.sha, '')))) return;
    await record(where, own.sha, size === 1 ? first : headline);
  });
}

async function record(where: Where, sha: string, description: string): Promise<void> {
  const finish = await deployment(where.repository.octokit, request(where, sha, description));
  await finish('success');
}

function request(
  { repository: { owner, repo }, environment, asked }: Where,
  sha: string,
  description: string,
) {
  const slug = `${owner}/${repo}`;
  const runUrl = asked.run ?? `https://github.com/${slug}/commit/${sha}`;
  return { repository: slug, sha, environment, description, runUrl };
}

async function attempt(runner: Runner, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // What was asked for is done; only its record is missing.
    runner.warning(`The commit is made, and not recorded as a deployment: ${error.message}`);
  }
}
