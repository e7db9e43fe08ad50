import { failure, patiently } from './call.ts';
import type { Repository } from './repository.ts';

/** https://docs.github.com/en/rest/commits/commits#compare-two-commits */
export type Ancestry = 'ahead' | 'behind' | 'identical' | 'diverged';

/** How `to` lies to `from`, commits, tags or branches; undefined when the repository has not both, or the token does not see it. */
export async function ancestryBetween(
  { octokit, owner, repo }: Repository,
  from: string,
  to: string,
): Promise<Ancestry | undefined> {
  const purpose = { to: `compare commits of ${owner}/${repo}`, needs: 'contents: read' };
  const { data } = await patiently(purpose, request =>
    octokit.rest.repos.compareCommitsWithBasehead({
      ...{ owner, repo, basehead: `${from}...${to}`, per_page: 1, request },
    }),
  ).catch(error => {
    if (failure(error).status === 404) return { data: undefined };
    throw error;
  });
  return data?.status;
}
