import { mergeability } from '../merging.ts';
import { forkPoint } from '../rest/pulls.ts';
import { nodeId } from '../shapes/accounts.ts';
import { commentUrl, issueNodeId, issueUrl, labelShape } from '../shapes/issues.ts';
import { type Comment, type Issue, isPull, type PullRequest, type Repository } from '../world.ts';
import { actorNode, commitNode, refNode, smallId } from './objects.ts';
import { repositoryNode } from './repositories.ts';
import { type Asked, connection, none, type PageArguments } from './resolve.ts';

export const issueNode = (asked: Asked, repository: Repository, issue: Issue): object =>
  isPull(issue)
    ? pullNode(asked, repository, issue)
    : {
        __typename: 'Issue',
        ...shared(asked, repository, issue),
        state: issue.open ? 'OPEN' : 'CLOSED',
        stateReason: issue.stateReason?.toUpperCase() ?? null,
      };

function shared(asked: Asked, repository: Repository, issue: Issue) {
  return {
    id: issueNodeId(issue),
    databaseId: smallId(issue.id),
    fullDatabaseId: String(issue.id),
    number: issue.number,
    title: issue.title,
    body: issue.body ?? '',
    url: issueUrl(repository, issue),
    author: actorNode(issue.author),
    viewerDidAuthor: issue.author === asked.viewer,
    createdAt: issue.createdAt,
    updatedAt: issue.updatedAt,
    closedAt: issue.closedAt,
    closed: !issue.open,
    locked: false,
    milestone: null,
    reactionGroups: [],
    repository: () => repositoryNode(asked, repository),
    assignees: none('assignees'),
    projectCards: none('projectCards'),
    projectItems: none('projectItems'),
    labels: (args: PageArguments) =>
      connection('labels', issue.labels, args, name => {
        const { node_id: id, color, description } = labelShape(repository, name);
        return { id, name, color, description };
      }),
    comments: (args: PageArguments) =>
      connection('comments', issue.comments, args, comment => commentNode(asked, repository, issue, comment)),
  };
}

export function pullNode(asked: Asked, repository: Repository, issue: PullRequest) {
  const { pull } = issue;
  const { objects } = repository;
  const { world } = asked;
  const files = async () => objects.changedFiles(await forkPoint(repository, pull), pull.headSha);
  const sum = async (which: 'additions' | 'deletions') =>
    (await files()).reduce((total, file) => total + file[which], 0);
  const state = async () => (await mergeability(repository, issue)).state;
  const refOf = async (branch: string) => {
    const sha = await objects.resolve(`refs/heads/${branch}`);
    return sha ? refNode(world, repository, { name: `refs/heads/${branch}`, sha }) : null;
  };
  return {
    __typename: 'PullRequest',
    ...shared(asked, repository, issue),
    state: pull.merged ? 'MERGED' : issue.open ? 'OPEN' : 'CLOSED',
    isDraft: pull.draft,
    merged: pull.merged !== undefined,
    mergedAt: pull.merged?.at ?? null,
    mergedBy: pull.merged ? actorNode(pull.merged.by) : null,
    mergeCommit: async () =>
      pull.merged ? commitNode(world, repository, await objects.commit(pull.merged.sha)) : null,
    mergeable: async () =>
      ({ dirty: 'CONFLICTING', unknown: 'UNKNOWN' })[String(await state())] ?? 'MERGEABLE',
    mergeStateStatus: async () => (await state()).toUpperCase(),
    headRefName: pull.head,
    headRefOid: pull.headSha,
    headRef: () => refOf(pull.head),
    baseRefName: pull.base,
    baseRefOid: pull.baseSha,
    baseRef: () => refOf(pull.base),
    headRepository: () => repositoryNode(asked, repository),
    headRepositoryOwner: actorNode(repository.owner),
    isCrossRepository: false,
    maintainerCanModify: false,
    reviewDecision: null,
    autoMergeRequest: null,
    isInMergeQueue: false,
    isMergeQueueEnabled: false,
    reviews: none('reviews'),
    latestReviews: none('latestReviews'),
    reviewRequests: none('reviewRequests'),
    closingIssuesReferences: none('closingIssuesReferences'),
    changedFiles: async () => (await files()).length,
    additions: () => sum('additions'),
    deletions: () => sum('deletions'),
    files: async (args: PageArguments) =>
      connection('files', await files(), args, ({ path, additions, deletions }) => ({
        path,
        additions,
        deletions,
      })),
    commits: async (args: PageArguments) => {
      const commits = await objects.log([
        '--reverse',
        `${await forkPoint(repository, pull)}..${pull.headSha}`,
      ]);
      return connection('commits', commits, args, commit => ({
        commit: commitNode(world, repository, commit),
      }));
    },
  };
}

export const commentNode = (asked: Asked, repository: Repository, issue: Issue, comment: Comment) => ({
  __typename: 'IssueComment',
  id: nodeId('IC', comment.id),
  databaseId: smallId(comment.id),
  fullDatabaseId: String(comment.id),
  body: comment.body,
  url: commentUrl(repository, issue, comment),
  author: actorNode(comment.author),
  authorAssociation: 'COLLABORATOR',
  viewerDidAuthor: comment.author === asked.viewer,
  createdAt: comment.createdAt,
  updatedAt: comment.updatedAt,
  lastEditedAt: comment.edits.at(-1)?.at ?? null,
  includesCreatedEdit: comment.edits.length > 0,
  isMinimized: false,
  minimizedReason: null,
  reactionGroups: [],
  repository: () => repositoryNode(asked, repository),
  issue: () => issueNode(asked, repository, issue),
  pullRequest: () => (isPull(issue) ? pullNode(asked, repository, issue) : null),
  // Newest first; each holds the whole body, whatever the name of the field says.
  userContentEdits: (args: PageArguments) =>
    connection('userContentEdits', comment.edits.toReversed(), args, ({ id, body, at, editor }) => ({
      __typename: 'UserContentEdit',
      id,
      diff: body,
      createdAt: at,
      editedAt: at,
      updatedAt: at,
      deletedAt: null,
      editor: actorNode(editor),
    })),
});
