import { UserError } from '../runner/errors.ts';
import type { Octokit } from '../runner/runner.ts';
import { backoff } from './backoff.ts';
import { failure, once, patiently, Unanswered } from './call.ts';
import { type IssueBody, parseBody, renderBody } from './issue-body.ts';
import { query, type Repository, repository } from './repository.ts';
import { type Look, revise, tellsAll } from './revise.ts';

export interface IssueRequest extends Look {
  /** `owner/name` */
  repository: string;
  /** Which of our issues: `drift staging`. Nobody sees it. */
  key: string;
  /** Of a new issue; people may rename it. */
  title: string;
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

/** One that carries our mark, with what it says. */
type Ours = Issue & { said: IssueBody };

const attempts = 8;
// A closed one is opened again; there may be thousands of pages of them, and nothing else is to be said in one.
const any = ['OPEN', 'CLOSED'] as const;
const purpose = { to: 'write issues', needs: 'issues: write' };

/**
 * Tells one issue what one look has found, as `revise` has it. The same a second time changes nothing, and what people write
 * around our parts stays. Whoever has written looks again: what somebody else wrote in the same moment does not undo it.
 * @returns undefined where there is no issue, and need be none
 * @throws UserError when the token may not write issues, or the repository has none
 */
export async function tellIssue(octokit: Octokit, request: IssueRequest): Promise<IssueResult | undefined> {
  const { key, title, found } = request;
  const target = repository(octokit, request.repository);
  let done: IssueResult | undefined;

  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 1) await backoff(attempt);
    const [first, ...others] = await look(target, key, found.state === 'drifted' ? any : ['OPEN']);
    // A list may be a moment behind what was written just now.
    if (!first && done) return done;
    const next = revise(first && standing(first), request);
    if (!next) {
      // Two that both found no issue opened one each. The older stays, and the other goes once that tells all of it.
      for (const other of others)
        if (first && tellsAll(first.said.parts, other.said.parts)) await close(target, other);
      return done ?? (first && result(first, first.state === 'OPEN' ? 'unchanged' : 'accepted'));
    }
    const body = renderBody(key, { before: '', after: '', ...first?.said, parts: next.parts });
    try {
      done = first ? await rewrite(target, first, body, next.isOpen) : await open(target, title, body);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw explained(error, target);
    }
  }
  throw new UserError(
    `The issue "${title}" in ${request.repository} could not be brought up to date: run this again`,
  );
}

const isAccepted = ({ state, stateReason }: Issue) => state === 'CLOSED' && stateReason === 'NOT_PLANNED';

const standing = (issue: Ours) => ({
  parts: issue.said.parts,
  isOpen: issue.state === 'OPEN',
  isAccepted: isAccepted(issue),
});

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

/** Body and state in one: whoever is killed has done both or neither. */
async function rewrite(
  { octokit, owner, repo }: Repository,
  issue: Issue,
  body: string,
  isOpen: boolean,
): Promise<IssueResult> {
  const state = isOpen
    ? issue.state === 'CLOSED' && ({ state: 'open', state_reason: 'reopened' } as const)
    : ({ state: 'closed', state_reason: 'completed' } as const);
  await once(purpose, request =>
    octokit.rest.issues.update({ owner, repo, issue_number: issue.number, body, ...state, request }),
  );
  return result(issue, !state ? 'updated' : isOpen ? 'reopened' : 'closed');
}

async function close({ octokit, owner, repo }: Repository, { number, state }: Issue): Promise<void> {
  if (state === 'CLOSED') return;
  await patiently(purpose, request =>
    octokit.rest.issues.update({
      ...{ owner, repo, issue_number: number, state: 'closed', state_reason: 'completed', request },
    }),
  );
}

/** Our issues with this key, the oldest first. An issue of somebody else that carries our mark is not ours. */
async function look(target: Repository, key: string, states: readonly Issue['state'][]): Promise<Ours[]> {
  const { owner, repo } = target;
  const issues: Ours[] = [];
  for (let after: string | null = null; ; ) {
    const answer: Page = await query(target, purpose, page, { owner, repo, states, after });
    const { nodes, pageInfo } = answer.repository.issues;
    for (const { viewerDidAuthor, ...issue } of nodes) {
      const said = viewerDidAuthor ? parseBody(key, issue.body) : undefined;
      if (said) issues.push({ ...issue, said });
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
