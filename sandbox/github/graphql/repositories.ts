import { findPull } from '../pulls.ts';
import { nodeId } from '../shapes/accounts.ts';
import { webUrl } from '../shapes/repositories.ts';
import { type Issue, isPull, type Repository, slug } from '../world.ts';
import { issueNode, pullNode } from './issues.ts';
import { actorNode, findObject, refNode, smallId, unresolved } from './objects.ts';
import { type Asked, connection, graphError, type PageArguments } from './resolve.ts';

interface Ordered {
  orderBy?: { field: string; direction: 'ASC' | 'DESC' } | null;
}

interface PullFilter extends PageArguments, Ordered {
  states?: string[] | null;
  headRefName?: string | null;
  baseRefName?: string | null;
}

export function repositoryNode(asked: Asked, repository: Repository) {
  const { objects, defaultBranch } = repository;
  const find = async (name: string) => {
    const sha = await objects.resolve(name);
    return sha ? refNode(asked.world, repository, { name, sha }) : null;
  };
  return {
    __typename: 'Repository',
    id: nodeId('R', repository.id),
    databaseId: smallId(repository.id),
    name: repository.name,
    nameWithOwner: slug(repository),
    owner: actorNode(repository.owner),
    url: webUrl(repository),
    sshUrl: `git@github.com:${slug(repository)}.git`,
    description: null,
    homepageUrl: null,
    createdAt: repository.createdAt,
    pushedAt: repository.pushedAt,
    isPrivate: repository.private,
    visibility: repository.private ? 'PRIVATE' : 'PUBLIC',
    isArchived: repository.mirror,
    isFork: false,
    isEmpty: false,
    isTemplate: false,
    isInOrganization: true,
    parent: null,
    hasIssuesEnabled: true,
    hasWikiEnabled: false,
    viewerPermission: repository.mirror ? 'READ' : 'WRITE',
    mergeCommitAllowed: true,
    squashMergeAllowed: true,
    rebaseMergeAllowed: true,
    autoMergeAllowed: false,
    deleteBranchOnMerge: false,
    defaultBranchRef: () => find(`refs/heads/${defaultBranch}`),
    ref: ({ qualifiedName }: { qualifiedName: string }) =>
      find(qualifiedName.startsWith('refs/') ? qualifiedName : `refs/heads/${qualifiedName}`),
    refs: async (args: PageArguments & { refPrefix: string }) =>
      connection('refs', await objects.refs(args.refPrefix), args, ref =>
        refNode(asked.world, repository, ref),
      ),
    object: ({ expression, oid }: { expression?: string; oid?: string }) =>
      findObject(asked.world, repository, expression ?? oid ?? ''),
    issue: ({ number }: { number: number }) => {
      const issue = repository.issues.get(number);
      if (!issue || isPull(issue)) throw unresolved('an Issue', `the number of ${number}`);
      return issueNode(asked, repository, issue);
    },
    pullRequest: ({ number }: { number: number }) => {
      const issue = findPull(repository, number);
      if (!issue) throw unresolved('a PullRequest', `the number of ${number}`);
      return pullNode(asked, repository, issue);
    },
    issueOrPullRequest: ({ number }: { number: number }) => {
      const issue = repository.issues.get(number);
      if (!issue) throw unresolved('an issue or pull request', `the number of ${number}`);
      return issueNode(asked, repository, issue);
    },
    issues: (args: PageArguments & Ordered & { states?: string[] | null }) => {
      const found = [...repository.issues.values()]
        .filter(issue => !isPull(issue))
        .filter(issue => !args.states || args.states.includes(stateOf(issue)));
      if ('filterBy' in args || 'labels' in args) throw missing('filters of issues');
      return connection('issues', ordered(found, args), args, issue => issueNode(asked, repository, issue));
    },
    pullRequests: (args: PullFilter) => {
      const found = [...repository.issues.values()]
        .filter(isPull)
        .filter(({ pull }) => !args.headRefName || pull.head === args.headRefName)
        .filter(({ pull }) => !args.baseRefName || pull.base === args.baseRefName)
        .filter(issue => !args.states || args.states.includes(stateOf(issue)));
      return connection('pullRequests', ordered(found, args), args, issue =>
        pullNode(asked, repository, issue),
      );
    },
  };
}

function ordered<T>(found: T[], { orderBy }: Ordered): T[] {
  if (orderBy && orderBy.field !== 'CREATED_AT') throw missing(`the order by ${orderBy.field}`);
  return orderBy?.direction === 'DESC' ? found.reverse() : found;
}

const missing = (what: string) => graphError('NOT_IMPLEMENTED', `${what} is not part of this stand-in`);

const stateOf = (issue: Issue) => (issue.pull?.merged ? 'MERGED' : issue.open ? 'OPEN' : 'CLOSED');
