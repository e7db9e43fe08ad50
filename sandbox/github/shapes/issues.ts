import type { Comment, Issue, PullRequest, Repository } from '../world.ts';
import { isPull, slug } from '../world.ts';
import { nodeId, type Schemas, user } from './accounts.ts';
import { apiUrl, repositoryShape, webUrl } from './repositories.ts';

export function labelShape(repository: Repository, name: string): Schemas['label'] {
  const id = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 2 ** 31, 7);
  return {
    id,
    node_id: nodeId('LA', id),
    url: `${apiUrl(repository)}/labels/${encodeURIComponent(name)}`,
    name,
    description: '',
    color: 'ededed',
    default: false,
  };
}

export function issueShape(repository: Repository, issue: Issue): Schemas['issue'] {
  const url = `${apiUrl(repository)}/issues/${issue.number}`;
  return {
    id: issue.id,
    node_id: issueNodeId(issue),
    url,
    repository_url: apiUrl(repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: issueUrl(repository, issue),
    number: issue.number,
    state: issue.open ? 'open' : 'closed',
    state_reason: issue.stateReason,
    title: issue.title,
    body: issue.body,
    user: user(issue.author),
    labels: issue.labels.map(name => labelShape(repository, name)),
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    comments: issue.comments.length,
    closed_at: issue.closedAt,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    author_association: 'COLLABORATOR',
    ...(isPull(issue) && { pull_request: pullLinks(repository, issue) }),
  };
}

export const issueNodeId = (issue: Issue) => nodeId(isPull(issue) ? 'PR' : 'I', issue.id);

export const issueUrl = (repository: Repository, issue: Issue) =>
  `${webUrl(repository)}/${isPull(issue) ? 'pull' : 'issues'}/${issue.number}`;

export const commentUrl = (repository: Repository, issue: Issue, comment: Comment) =>
  `${issueUrl(repository, issue)}#issuecomment-${comment.id}`;

export const commentShape = (
  repository: Repository,
  issue: Issue,
  comment: Comment,
): Schemas['issue-comment'] => ({
  id: comment.id,
  node_id: nodeId('IC', comment.id),
  url: `${apiUrl(repository)}/issues/comments/${comment.id}`,
  html_url: commentUrl(repository, issue, comment),
  issue_url: `${apiUrl(repository)}/issues/${issue.number}`,
  body: comment.body,
  user: user(comment.author),
  created_at: comment.createdAt,
  updated_at: comment.updatedAt,
  author_association: 'COLLABORATOR',
});

function pullLinks(repository: Repository, issue: PullRequest) {
  const html = issueUrl(repository, issue);
  return {
    url: `${apiUrl(repository)}/pulls/${issue.number}`,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    merged_at: issue.pull.merged?.at ?? null,
  };
}

/** As it stands in lists; the single one has counts and mergeability in addition. */
export function pullShape(repository: Repository, issue: PullRequest): Schemas['pull-request-simple'] {
  const { pull } = issue;
  const { url, html_url, diff_url, patch_url, merged_at } = pullLinks(repository, issue);
  const issueApi = `${apiUrl(repository)}/issues/${issue.number}`;
  const statuses = `${apiUrl(repository)}/statuses/${pull.headSha}`;
  return {
    id: issue.id,
    node_id: issueNodeId(issue),
    url,
    html_url,
    diff_url,
    patch_url,
    issue_url: issueApi,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${apiUrl(repository)}/pulls/comments{/number}`,
    comments_url: `${issueApi}/comments`,
    statuses_url: statuses,
    number: issue.number,
    state: issue.open ? 'open' : 'closed',
    locked: false,
    title: issue.title,
    user: user(issue.author),
    body: issue.body,
    labels: issue.labels.map(name => ({ ...labelShape(repository, name), description: '' })),
    milestone: null,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    merged_at,
    merge_commit_sha: pull.merged?.sha ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: side(repository, pull.head, pull.headSha),
    base: side(repository, pull.base, pull.baseSha),
    _links: {
      self: { href: url },
      html: { href: html_url },
      issue: { href: issueApi },
      comments: { href: `${issueApi}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${apiUrl(repository)}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
    author_association: 'COLLABORATOR',
    auto_merge: null,
    draft: pull.draft,
  };
}

const side = (repository: Repository, branch: string, sha: string) => ({
  label: `${slug(repository).split('/')[0]}:${branch}`,
  ref: branch,
  sha,
  user: user(repository.owner),
  repo: repositoryShape(repository),
});
