import type {
  AddCommentInput,
  CreateCommitOnBranchInput,
  CreatePullRequestInput,
  DeleteIssueCommentInput,
  MergePullRequestInput,
  UpdateIssueCommentInput,
  UpdatePullRequestInput,
} from '@octokit/graphql-schema';
import {
  changesThroughPulls,
  commitChanges,
  headOf,
  moveBranch,
  needsPullRequest,
  refuseMirror,
} from '../branches.ts';
import { addComment, editComment, findComment } from '../comments.ts';
import { mergePull } from '../merging.ts';
import { openPull } from '../pulls.ts';
import { updatePull } from '../rest/pulls.ts';
import { isPull, type PullRequest, person, type Repository, slug, webFlow } from '../world.ts';
import { commentNode, issueNode, pullNode } from './issues.ts';
import { actorNode, commitNode, refNode, unresolved } from './objects.ts';
import { type Asked, graphError } from './resolve.ts';

type Input<T> = { input: T };

export const mutations = (asked: Asked) => ({
  async createCommitOnBranch({ input }: Input<CreateCommitOnBranchInput>) {
    const { repository, branch } = committable(asked, input);
    refuseMirror(repository);
    const head = await headOf(repository, branch);
    if (!head) throw unresolved('a Ref', `the name of 'refs/heads/${branch}'`);
    if (head !== input.expectedHeadOid) throw stale(input.expectedHeadOid);
    if (needsPullRequest(repository, branch)) {
      throw graphError('UNPROCESSABLE', `Repository rule violations found\n\n${changesThroughPulls}\n\n`);
    }
    const { additions = [], deletions = [] } = input.fileChanges ?? {};
    const changes = [
      ...(additions ?? []).map(({ path, contents }) => ({ path, content: fromBase64(path, contents) })),
      ...(deletions ?? []).map(({ path }) => ({ path })),
    ];
    const { headline, body } = input.message;
    const sha = await commitChanges(repository, head, changes, {
      message: body ? `${headline}\n\n${body}` : headline,
      author: person(asked.viewer),
      committer: webFlow(),
    });
    if (!(await moveBranch(repository, branch, sha, head, asked.viewer))) throw stale(input.expectedHeadOid);
    return {
      clientMutationId: input.clientMutationId ?? null,
      commit: commitNode(asked.world, repository, await repository.objects.commit(sha)),
      ref: refNode(asked.world, repository, { name: `refs/heads/${branch}`, sha }),
    };
  },

  addComment({ input }: Input<AddCommentInput>) {
    const { repository, issue } = findIssue(asked, input.subjectId);
    const comment = addComment(asked.world, issue, asked.viewer, input.body);
    const node = commentNode(asked, repository, issue, comment);
    return {
      clientMutationId: input.clientMutationId ?? null,
      commentEdge: { cursor: '', node },
      subject: issueNode(asked, repository, issue),
    };
  },

  updateIssueComment({ input }: Input<UpdateIssueCommentInput>) {
    const { repository, issue, comment } = commentOf(asked, input.id);
    editComment(asked.world, comment, asked.viewer, input.body);
    return {
      clientMutationId: input.clientMutationId ?? null,
      issueComment: commentNode(asked, repository, issue, comment),
    };
  },

  deleteIssueComment({ input }: Input<DeleteIssueCommentInput>) {
    const { issue, comment } = commentOf(asked, input.id);
    issue.comments.splice(issue.comments.indexOf(comment), 1);
    return { clientMutationId: input.clientMutationId ?? null };
  },

  async createPullRequest({ input }: Input<CreatePullRequestInput>) {
    const repository = [...asked.world.repositories.values()].find(
      ({ id }) => `R_${id}` === input.repositoryId,
    );
    if (!repository) throw unresolved('a node', `the global id of '${input.repositoryId}'`);
    const issue = await openPull(asked.world, repository, asked.viewer, {
      title: input.title,
      head: input.headRefName,
      base: input.baseRefName,
      body: input.body,
      draft: input.draft ?? false,
    });
    return pullAnswer(asked, repository, issue, input.clientMutationId);
  },

  async updatePullRequest({ input }: Input<UpdatePullRequestInput>) {
    const { repository, issue } = findPullNode(asked, input.pullRequestId);
    const wish = {
      title: input.title ?? undefined,
      body: input.body ?? undefined,
      base: input.baseRefName ?? undefined,
      state: input.state ? (input.state === 'OPEN' ? ('open' as const) : ('closed' as const)) : undefined,
    };
    await updatePull(repository, issue, wish, asked.viewer);
    return pullAnswer(asked, repository, issue, input.clientMutationId);
  },

  async mergePullRequest({ input }: Input<MergePullRequestInput>) {
    const { repository, issue } = findPullNode(asked, input.pullRequestId);
    await mergePull(repository, issue, asked.viewer, {
      method: (input.mergeMethod ?? 'MERGE').toLowerCase(),
      sha: input.expectedHeadOid ?? undefined,
      title: input.commitHeadline ?? undefined,
      message: input.commitBody ?? undefined,
    });
    return pullAnswer(asked, repository, issue, input.clientMutationId);
  },
});

const pullAnswer = (
  asked: Asked,
  repository: Repository,
  issue: PullRequest,
  clientMutationId?: string | null,
) => ({
  clientMutationId: clientMutationId ?? null,
  actor: actorNode(asked.viewer),
  pullRequest: pullNode(asked, repository, issue),
});

const stale = (expected: string) =>
  graphError('STALE_DATA', `Expected branch to point to "${expected}" but it did not. Pull and try again.`);

function committable(
  asked: Asked,
  { branch }: CreateCommitOnBranchInput,
): { repository: Repository; branch: string } {
  const { id, repositoryNameWithOwner: name, branchName } = branch;
  if (name && branchName) {
    const repository = asked.world.find(name);
    if (!repository) throw unresolved('a Repository', `the name '${name}'`);
    return { repository, branch: branchName.replace(/^refs\/heads\//, '') };
  }
  const [, repositoryId, ref] = /^REF_(\d+):refs\/heads\/(.+)$/.exec(id ?? '') ?? [];
  const repository = [...asked.world.repositories.values()].find(each => String(each.id) === repositoryId);
  if (!repository || !ref) throw unresolved('a node', `the global id of '${id}'`);
  return { repository, branch: ref };
}

function fromBase64(path: string, contents: string): Buffer {
  const bytes = Buffer.from(contents, 'base64');
  if (bytes.toString('base64') === contents) return bytes;
  throw graphError('UNPROCESSABLE', `The contents of ${path} are not valid base64`);
}

export function findIssue({ world }: Asked, id: string) {
  const [, number] = /^(?:PR|I)_(\d+)$/.exec(id) ?? [];
  for (const repository of world.repositories.values()) {
    const issue = [...repository.issues.values()].find(each => String(each.id) === number);
    if (issue) return { repository, issue };
  }
  throw unresolved('a node', `the global id of '${id}'`);
}

function findPullNode(asked: Asked, id: string): { repository: Repository; issue: PullRequest } {
  const { repository, issue } = findIssue(asked, id);
  if (!isPull(issue)) throw unresolved('a PullRequest', `the global id of '${id}' in ${slug(repository)}`);
  return { repository, issue };
}

export function commentOf({ world }: Asked, id: string) {
  const [, number] = /^IC_(\d+)$/.exec(id) ?? [];
  try {
    return findComment(world.repositories.values(), Number(number));
  } catch {
    throw unresolved('a node', `the global id of '${id}'`);
  }
}
