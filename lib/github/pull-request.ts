import { UserError } from '../runner/errors.ts';
import type { Octokit } from '../runner/runner.ts';
import { backoff } from './backoff.ts';
import { failure, once, patiently, Unanswered } from './call.ts';
import { cutMarkdown } from './cut.ts';
import { inert, lines, mark } from './marks.ts';
import { type Repository, repository } from './repository.ts';

export interface PullRequestWish {
  /** The branch to be merged, in the same repository. */
  head: string;
  base: string;
  title: string;
  /** Our part of the body. What people write before and after it stays. */
  body: string;
}

export interface PullRequest {
  number: number;
  url: string;
  outcome: 'opened' | 'refreshed' | 'unchanged';
}

const attempts = 8;
const purpose = { to: 'read and write pull requests', needs: 'pull-requests: write' };
const [begin, end] = [mark('begin'), mark('end')];

/** Opens the one pull request of a branch, or brings title and body of the open one up to date. */
export async function pullRequest(target: Repository, wish: PullRequestWish): Promise<PullRequest> {
  const { octokit, owner, repo } = target;
  const { head, base, title } = wish;
  let outcome: PullRequest['outcome'] = 'unchanged';
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await backoff(attempt);
    const open = await openPullRequest(target, head, base);
    const body = withPart(open?.body, wish.body);
    if (open && open.title === title && open.body === body)
      return { number: open.number, url: open.url, outcome };
    try {
      if (open) {
        outcome = outcome === 'opened' ? outcome : 'refreshed';
        await once(purpose, request =>
          octokit.rest.pulls.update({ owner, repo, pull_number: open.number, title, body, request }),
        );
      } else {
        outcome = 'opened';
        await once(purpose, request =>
          octokit.rest.pulls.create({ owner, repo, head, base, title, body, request }),
        );
      }
    } catch (error) {
      // 422: it has just been opened or closed by somebody else. The next look tells.
      if (!(error instanceof Unanswered) && !/already exists/.test(String(error))) throw explained(error);
    }
  }
  throw new UserError(
    `The pull request for ${head} in ${owner}/${repo} could not be brought up to date: run this again`,
  );
}

/**
 * Closes the open pull requests that are ours and come from a branch of this repository that is meant.
 * @returns their numbers
 */
export async function closePullRequests(
  target: Repository,
  base: string,
  isMeant: (branch: string) => boolean,
): Promise<number[]> {
  const { octokit, owner, repo } = target;
  const meant: number[] = [];
  for (let page = 1; ; page++) {
    const { data } = await patiently(purpose, request =>
      octokit.rest.pulls.list({ ...{ owner, repo, base, state: 'open', per_page: 100, page, request } }),
    );
    const ours = data.filter(
      ({ head, body }) =>
        head.repo?.full_name === `${owner}/${repo}` && isMeant(head.ref) && body?.includes(begin),
    );
    meant.push(...ours.map(({ number }) => number));
    if (data.length < 100) break;
  }
  for (const number of meant) {
    await patiently(purpose, request =>
      octokit.rest.pulls.update({ owner, repo, pull_number: number, state: 'closed', request }),
    );
  }
  return meant;
}

/**
 * The merged pull request whose merge this commit of the default branch is: a merge commit, a squashed commit, or the last
 * commit of a rebase. Undefined for a direct push, and for a commit that is only one of those that came with a merge.
 * @param slug `owner/name`
 * @returns its number, and the commit that it was at when it was merged
 * @throws UserError when the token may not read pull requests
 */
export async function mergedAs(
  octokit: Octokit,
  slug: string,
  sha: string,
): Promise<{ number: number; head: string } | undefined> {
  const { owner, repo } = repository(octokit, slug);
  const reading = { to: 'read pull requests', needs: 'pull-requests: read' };
  const { data } = await patiently(reading, request =>
    octokit.rest.repos.listPullRequestsAssociatedWithCommit({
      ...{ owner, repo, commit_sha: sha, per_page: 100, request },
    }),
  ).catch(error => {
    // GitHub does not have this commit: it was made here and not pushed yet.
    if (failure(error).status === 422) return { data: [] };
    throw error;
  });
  const found = data.find(
    ({ merged_at, merge_commit_sha, base }) =>
      merged_at && merge_commit_sha === sha && base.ref === base.repo.default_branch,
  );
  return found && { number: found.number, head: found.head.sha };
}

/** The open pull request of a branch, whoever has opened it. */
export async function openPullRequest(
  { octokit, owner, repo }: Repository,
  head: string,
  base: string,
): Promise<{ number: number; url: string; title: string; body: string } | undefined> {
  const { data } = await patiently(purpose, request =>
    octokit.rest.pulls.list({ owner, repo, head: `${owner}:${head}`, base, state: 'open', request }),
  );
  const [found] = data;
  if (!found) return undefined;
  const body = lines(found.body ?? '');
  return { number: found.number, url: found.html_url, title: found.title, body };
}

/** The whole body with our part in it. */
export function withPart(given: string | undefined, body: string): string {
  const whole = given ?? '';
  const write = (text: string) => [begin, text, end].join('\n');
  const [from, to] = [whole.indexOf(begin), whole.indexOf(end)];
  const [before, after] =
    from < 0 || to < from
      ? ['', whole && `\n\n${whole}`]
      : [whole.slice(0, from), whole.slice(to + end.length)];
  const text = inert(body);
  const room = limit - before.length - after.length - write('').length;
  if (text.length <= room) return before + write(text) + after;
  const note = '_The rest is in the summary of the run._';
  // Where people have written so much that nothing of ours fits, theirs goes.
  return room < least
    ? write(cutMarkdown(text, limit - write('').length, note))
    : before + write(cutMarkdown(text, room, note)) + after;
}

// GitHub refuses longer bodies.
const limit = 65_536;
const least = 1000;

function explained(error: unknown): unknown {
  if (!/not permitted to create or approve pull requests/.test(String(error))) return error;
  return new UserError(
    'GitHub Actions may not open pull requests in this repository: tick "Allow GitHub Actions to create and approve pull requests" in Settings › Actions › General, or give the token of a GitHub App',
  );
}
