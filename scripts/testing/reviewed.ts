import { getOctokit } from '@actions/github';
import { readSection } from '../../lib/github/comment.ts';
import { backend, type TerraformWorld } from '../../sandbox/terraform-world.ts';

const reviewKey = 'a key of thirty-two characters at least';
const module = `${backend}
variable "environment" {}
variable "size" { default = 1 }
resource "terraform_data" "many" {
  count = var.size
  input = var.environment
}
`;

/** A checkout of a repository's branch with an open pull request, and plans of it. */
export async function reviewed(world: TerraformWorld, name: string) {
  const cwd = await world.checkout(name, module);
  const repository = `acme/${name}`;
  await world.github.seed({ [repository]: cwd });
  const people = world.github.repository(repository);
  const push = (text: string) =>
    people.commit({ files: { 'note.md': text }, message: text, branch: 'topic' });
  let sha = await push('one');
  const number = await people.openPullRequest({ head: 'topic', title: 'Change' });
  const token = world.github.token('github-actions[bot]');
  const octokit = getOctokit(token, { baseUrl: world.github.url });
  const place = { owner: 'acme', repo: name };
  return {
    ...{ cwd, octokit, token },
    head: () => sha,
    async push(text: string) {
      sha = await push(text);
    },
    plan: (environment: string, inputs = {}, more = {}, commit = sha) =>
      world.step('plan', cwd, {
        inputs: { environment, 'github-token': token, 'review-key': reviewKey, ...inputs },
        github: {
          ...{ repository, event: 'pull_request', sha: 'e'.repeat(40), runId: '77' },
          payload: { pull_request: { number, head: { sha: commit } } },
        },
        ...more,
      }),
    comments: async () =>
      (await octokit.rest.issues.listComments({ ...place, issue_number: number })).data.map(
        ({ body = '' }) => body,
      ),
    section: (environment: string) =>
      readSection(octokit, { repository, pullRequest: number, section: `plan ${environment}` }),
  };
}

/** What was written to GitHub, in order. */
export const mutations = (world: TerraformWorld, from: number): string[] =>
  world.github.requests
    .slice(from)
    .flatMap(({ body }) => /"query":"mutation[^"]*?\b(\w+)\(input:/.exec(body)?.[1] ?? []);
