import { UserError } from '../runner/errors.ts';
import type { Octokit } from '../runner/runner.ts';
import { backoff } from './backoff.ts';
import { failure, once, patiently, Unanswered } from './call.ts';
import { fitted, parseBody, renderBody } from './issue-body.ts';
import { query, type Repository, repository } from './repository.ts';

export interface IssueRequest {
  /** `owner/name` */
  repository: string;
  /** Which of our issues: `drift staging`. Nobody sees it. */
  key: string;
  body: string;
  /** Where and when this was found. It differs each time: if only this does, nothing is written. */
  seen: string;
}

export interface IssueResult {
  number: number;
  url: string;
  outcome: 'opened' | 'reopened' | 'updated' | 'unchanged' | 'accepted' | 'closed';
}

interface Issue {
  number: number;
  url: string;
  body: string;
  state: 'OPEN' | 'CLOSED';
  stateReason: string | null;
}

const attempts = 8;
const purpose = { to: 'write issues', needs: 'issues: write' };

/**
 * Makes one issue say something: opens it, opens it again, or brings it up to date. The same body a second time changes
 * nothing, and what people write around our part stays. An issue that somebody has closed as "not planned" stays closed
 * for as long as it would say the same: that has been accepted.
 * @param request with the title of a new issue; people may rename it
 * @throws UserError when the token may not write issues, or the repository has none
 */
export async function raiseIssue(
  octokit: Octokit,
  request: IssueRequest & { title: string },
): Promise<IssueResult> {
  const { key, title, body, seen } = request;
  const target = repository(octokit, request.repository);
  let done: IssueResult | undefined;

  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 1) await backoff(attempt);
    const [first, ...others] = await look(target, key, ['OPEN', 'CLOSED']);
    // A list may be a moment behind what was written just now.
    if (!first && done) return done;
    const part = first && parseBody(key, first.body);
    const accepted = first?.state === 'CLOSED' && first.stateReason === 'NOT_PLANNED';
    if (first && part?.text === fitted(body) && (first.state === 'OPEN' || accepted)) {
      // Two that both found no issue opened one each. The older stays.
      for (const other of others) await close(target, other);
      return done ?? result(first, accepted ? 'accepted' : 'unchanged');
    }
    const whole = renderBody(key, { before: '', after: '', ...part, text: body, seen });
    try {
      done = first ? await rewrite(target, first, whole) : await open(target, title, whole);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw explained(error, target);
    }
  }
  throw new UserError(
    `The issue "${title}" in ${request.repository} could not be brought up to date: run this again`,
  );
}

/**
 * Closes the issue, if it is open, with what is to be said now; what it said before is folded under it.
 * @returns the issue that was closed, if there was one
 * @throws UserError when the token may not write issues
 */
export async function settleIssue(octokit: Octokit, request: IssueRequest): Promise<IssueResult | undefined> {
  const { key, body, seen } = request;
  const target = repository(octokit, request.repository);
  const found = await look(target, key, ['OPEN']);
  for (const issue of found) {
    const part = parseBody(key, issue.body);
    const text = part
      ? `${body}\n\n<details><summary>What it was</summary>\n\n${part.text}\n\n</details>`
      : body;
    await close(target, issue, renderBody(key, { before: '', after: '', ...part, text, seen }));
  }
  return found[0] && result(found[0], 'closed');
}

const result = ({ number, url }: Issue, outcome: IssueResult['outcome']): IssueResult => ({
  number,
  url,
  outcome,
});

async function open({ octokit, owner, repo }: Repository, title: string, body: string): Promise<IssueResult> {
  const { data } = await once(purpose, request =>
    octokit.rest.issues.create({ owner, repo, title, body, request }),
  );
  return { number: data.number, url: data.html_url, outcome: 'opened' };
}

async function rewrite(
  { octokit, owner, repo }: Repository,
  issue: Issue,
  body: string,
): Promise<IssueResult> {
  const reopen = issue.state === 'CLOSED' && ({ state: 'open', state_reason: 'reopened' } as const);
  await once(purpose, request =>
    octokit.rest.issues.update({ owner, repo, issue_number: issue.number, body, ...reopen, request }),
  );
  return result(issue, reopen ? 'reopened' : 'updated');
}

/** @param body stays as it is unless told */
async function close(
  { octokit, owner, repo }: Repository,
  { number, state }: Issue,
  body?: string,
): Promise<void> {
  if (state === 'CLOSED') return;
  await patiently(purpose, request =>
    octokit.rest.issues.update({
      ...{ owner, repo, issue_number: number, state: 'closed', state_reason: 'completed', request },
      ...(body !== undefined && { body }),
    }),
  );
}

/** Our issues with this key, the oldest first. An issue of somebody else that carries our mark is not ours. */
async function look(target: Repository, key: string, states: Issue['state'][]): Promise<Issue[]> {
  const { owner, repo } = target;
  const issues: Issue[] = [];
  for (let after: string | null = null; ; ) {
    const answer: Page = await query(target, purpose, page, { owner, repo, states, after });
    const { nodes, pageInfo } = answer.repository.issues;
    for (const { viewerDidAuthor, ...issue } of nodes) {
      if (viewerDidAuthor && parseBody(key, issue.body)) issues.push(issue);
    }
    if (!pageInfo.hasNextPage) return issues;
    after = pageInfo.endCursor;
  }
}

interface Page {
  repository: {
    issues: {
      nodes: (Issue & { viewerDidAuthor: boolean })[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
    };
  };
}

// By no filter for the author: how an app's login is spelt there is written nowhere, and a filter that finds nothing would
// open a new issue every day.
const page = `query($owner: String!, $repo: String!, $states: [IssueState!], $after: String) {
  repository(owner: $owner, name: $repo) {
    issues(first: 100, after: $after, states: $states, orderBy: { field: CREATED_AT, direction: ASC }) {
      nodes { number url body state stateReason viewerDidAuthor }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

function explained(error: unknown, { owner, repo }: Repository): unknown {
  if (failure(error).status !== 410) return error;
  return new UserError(
    `The repository ${owner}/${repo} has its issues turned off: turn them on in Settings › General › Features`,
  );
}
