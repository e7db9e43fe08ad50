import { dirname } from 'node:path';
import { contains } from '../github/branch.ts';
import type { Place } from '../github/files.ts';
import { type Repository, repository } from '../github/repository.ts';
import { repositorySlug, type Target } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { observe, observeFolder, type World } from './observe.ts';
import type { PromoteRequest } from './request.ts';
import type { Wish } from './wish.ts';

/** What is there before anything is decided. */
export interface Sight {
  /** GitHub; undefined for a dry run on the files that are checked out. */
  remote: Repository | undefined;
  /** The branch as it stands. */
  base: World;
  /** The commit that is rolled back to. */
  past: World | undefined;
  /** Looks again, at a branch. */
  look(branch: string): Promise<World>;
}

export async function lookAround(
  runner: Runner,
  where: Target,
  wish: Wish,
  request: PromoteRequest,
): Promise<Sight> {
  const remote = await connect(runner, where, request);
  const services = Object.keys(where.platform.services);
  const environments = [where.environment, ...(wish.kind === 'take-over' ? [wish.from] : [])];
  const look = (place?: Place, meant: readonly string[] = services) =>
    remote
      ? observe(remote, environments, meant, place)
      : observeFolder(dirname(request.platformFile), environments, meant);
  const base = await look();
  const past =
    wish.kind === 'rollback'
      ? await lookBack(remote, base, wish.commit, place =>
          look(place, wish.service === undefined ? services : [wish.service]),
        )
      : undefined;
  return { remote, base, past, look: branch => look({ branch }) };
}

/** An environment as it stood at a commit of the branch's history: what was never merged was never promoted. */
async function lookBack(
  remote: Repository | undefined,
  base: World,
  commit: string,
  look: (place: Place) => Promise<World>,
): Promise<World> {
  if (!remote) {
    throw new UserError(
      'A rollback reads the commit from GitHub, in a dry run too: give the input github-token (in a terminal the variable GITHUB_TOKEN)',
    );
  }
  const past = await look({ commit });
  // A branch or tag may have digits for its name.
  if (past.head.startsWith(commit) && (await contains(remote, base.head, past.head))) return past;
  throw new UserError(
    `The commit ${commit} is not in the history of ${base.branch}: choose one that npm run slipway -- history shows`,
  );
}

async function connect(
  runner: Runner,
  { platform }: Target,
  { githubToken, dryRun }: PromoteRequest,
): Promise<Repository | undefined> {
  if (githubToken) return repository(await runner.octokit(githubToken), repositorySlug(platform.repository));
  if (dryRun) return undefined;
  throw new UserError(
    'A promotion is written to GitHub: give the input github-token (in a terminal the variable GITHUB_TOKEN), or try it with dry-run',
  );
}
