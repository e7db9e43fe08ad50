import { patiently } from './call.ts';
import type { Repository } from './repository.ts';

const purpose = { to: 'read commits', needs: 'contents: read' };

/** The ten latest commits, up to `head`, that have changed something below a path, the newest first. */
export async function latestCommits(
  { octokit, owner, repo }: Repository,
  head: string,
  path: string,
): Promise<{ sha: string; message: string }[]> {
  const { data } = await patiently(purpose, request =>
    octokit.rest.repos.listCommits({ owner, repo, sha: head, path, per_page: 10, request }),
  );
  return data.map(({ sha, commit }) => ({ sha, message: commit.message }));
}
