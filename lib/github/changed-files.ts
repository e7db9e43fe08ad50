import type { Octokit } from '../runner/runner.ts';
import { patiently } from './call.ts';
import { repository } from './repository.ts';

const purpose = { to: 'read pull requests', needs: 'pull-requests: read' };
// GitHub lists no more than 3,000. https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
const pages = 30;

/**
 * The paths that a pull request changes, former ones of what it moves included; undefined when there are more than GitHub
 * lists.
 * @param slug `owner/name`
 */
export async function changedFiles(
  octokit: Octokit,
  slug: string,
  number: number,
): Promise<string[] | undefined> {
  const { owner, repo } = repository(octokit, slug);
  const paths: string[] = [];
  for (let page = 1; page <= pages; page++) {
    const { data } = await patiently(purpose, request =>
      octokit.rest.pulls.listFiles({ owner, repo, pull_number: number, per_page: 100, page, request }),
    );
    paths.push(
      ...data.flatMap(({ filename, previous_filename: former }) =>
        former ? [filename, former] : [filename],
      ),
    );
    if (data.length < 100) return paths;
  }
  return undefined;
}
