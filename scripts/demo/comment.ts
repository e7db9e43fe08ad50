import type { Sandbox } from '../../sandbox/sandbox.ts';

/** The comments on a pull request, as anybody may read them. */
export async function comment(sandbox: Sandbox, repository: string, number: number): Promise<string> {
  const comments = await read<{ body: string }[]>(sandbox, `${repository}/issues/${number}/comments`);
  return comments.map(({ body }) => body).join('\n\n');
}

/** The one pull request that is open. */
export async function openPull(
  sandbox: Sandbox,
  repository: string,
): Promise<{ number: number; body: string }> {
  const [pull] = await read<{ number: number; body: string }[]>(sandbox, `${repository}/pulls`);
  if (!pull) throw new Error(`${repository} has no open pull request`);
  return pull;
}

/** A promotion's description without its table, which is wider than a terminal; in a list links and code would stay as they are written. */
export const shortBody = (body: string): string =>
  body
    .replace(/^\|.*\n?/gm, '')
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replace(/`([^`\n]+)`/g, '$1');

async function read<T>(sandbox: Sandbox, path: string): Promise<T> {
  const response = await fetch(`${sandbox.github.url}/repos/${path}`, {
    headers: { authorization: `Bearer ${sandbox.secrets.GITHUB_TOKEN}` },
  });
  return (await response.json()) as T;
}
