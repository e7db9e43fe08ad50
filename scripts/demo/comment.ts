import type { Sandbox } from '../../sandbox/sandbox.ts';

/** The comments on a pull request, as anybody may read them. */
export async function comment(sandbox: Sandbox, repository: string, number: number): Promise<string> {
  const response = await fetch(`${sandbox.github.url}/repos/${repository}/issues/${number}/comments`, {
    headers: { authorization: `Bearer ${sandbox.secrets.GITHUB_TOKEN}` },
  });
  const comments = (await response.json()) as { body: string }[];
  return comments.map(({ body }) => body).join('\n\n');
}
