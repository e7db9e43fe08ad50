import type { Sandbox } from '../../sandbox/sandbox.ts';

/** The comments on a pull request, as anybody may read them. */
export async function comment(sandbox: Sandbox, repository: string, number: number): Promise<string> {
  const comments = await read<{ body: string }[]>(sandbox, `${repository}/issues/${number}/comments`);
  return comments.map(({ body }) => body).join('\n\n');
}

/** The body of a pull request. */
export const pullRequestBody = async (
  sandbox: Sandbox,
  repository: string,
  number: number,
): Promise<string> => (await read<{ body: string }>(sandbox, `${repository}/pulls/${number}`)).body;

async function read<T>(sandbox: Sandbox, path: string): Promise<T> {
  const response = await fetch(`${sandbox.github.url}/repos/${path}`, {
    headers: { authorization: `Bearer ${sandbox.secrets.GITHUB_TOKEN}` },
  });
  return (await response.json()) as T;
}
