import { commitsBetween } from '../branches.ts';
import type { Commit, Entry, Person } from '../objects.ts';
import { nodeId } from '../shapes/accounts.ts';
import { authorOf } from '../shapes/objects.ts';
import { webUrl } from '../shapes/repositories.ts';
import type { Account, Repository, World } from '../world.ts';
import { connection, graphError, type PageArguments } from './resolve.ts';

/** Who wrote something. Apps go by their name without the "[bot]" here. */
export const actorNode = ({ login, id, type }: Account) => ({
  __typename: type,
  id: nodeId('U', id),
  databaseId: smallId(id),
  login: login.replace(/\[bot\]$/, ''),
  name: login,
  url: `https://github.com/${login}`,
});

/** GraphQL's Int has 32 bits; ids that have outgrown it are told by `fullDatabaseId` only. */
export const smallId = (id: number) => (id < 2 ** 31 ? id : null);

const personNode = (world: World, { name, email, date }: Person) => {
  const account = authorOf(world, email);
  return { name, email, date, user: account?.type === 'User' ? actorNode(account) : null };
};

export const refNode = (world: World, repository: Repository, ref: { name: string; sha: string }) => {
  const [, kind, ...rest] = ref.name.split('/');
  return {
    __typename: 'Ref',
    id: nodeId('REF', `${repository.id}:${ref.name}`),
    name: rest.join('/'),
    prefix: `refs/${kind}/`,
    target: () => objectNode(world, repository, ref.sha),
    branchProtectionRule: null,
    async compare({ headRef }: { headRef: string }) {
      const head = await repository.objects.commitOf(headRef);
      if (!head) return null;
      const { ahead, behind, status } = await commitsBetween(repository, ref.sha, head);
      const commits = async (args: PageArguments) => {
        const log = await repository.objects.log(['--reverse', `${ref.sha}..${head}`]);
        return connection('commits', log, args, commit => commitNode(world, repository, commit));
      };
      return { aheadBy: ahead, behindBy: behind, status: status.toUpperCase(), commits };
    },
  };
};

export async function objectNode(world: World, repository: Repository, sha: string) {
  const type = await repository.objects.type(sha);
  if (type === 'commit') return commitNode(world, repository, await repository.objects.commit(sha));
  if (type === 'tree') return treeNode(world, repository, sha, '');
  if (type === 'tag') {
    const target = async () => objectNode(world, repository, (await repository.objects.commitOf(sha)) ?? '');
    return { ...gitObject(repository, 'Tag', 'TA', sha), target };
  }
  if (type === 'blob') {
    const content = (await repository.objects.blobs([sha])).get(sha) ?? Buffer.alloc(0);
    return blobNode(repository, sha, content.length, async () => content);
  }
  return null;
}

const gitObject = (repository: Repository, typename: string, prefix: string, sha: string) => ({
  __typename: typename,
  id: nodeId(prefix, `${repository.id}:${sha}`),
  oid: sha,
  abbreviatedOid: sha.slice(0, 7),
  commitUrl: `${webUrl(repository)}/commit/${sha}`,
});

export function commitNode(world: World, repository: Repository, commit: Commit) {
  const [headline = '', ...rest] = commit.message.split('\n');
  const node = (each: Commit) => commitNode(world, repository, each);
  return {
    ...gitObject(repository, 'Commit', 'C', commit.sha),
    message: commit.message,
    messageHeadline: headline,
    messageBody: rest.join('\n').trim(),
    author: personNode(world, commit.author),
    committer: personNode(world, commit.committer),
    authors: (args: PageArguments) =>
      connection('authors', [commit.author], args, author => personNode(world, author)),
    authoredDate: commit.author.date,
    committedDate: commit.committer.date,
    url: `${webUrl(repository)}/commit/${commit.sha}`,
    signature: null,
    statusCheckRollup: null,
    tree: () => treeNode(world, repository, commit.tree, ''),
    async file({ path }: { path: string }) {
      const entry = await repository.objects.entry(commit.sha, path);
      return entry ? entryNode(world, repository, entry) : null;
    },
    parents: async (args: PageArguments) =>
      connection('parents', await Promise.all(commit.parents.map(repository.objects.commit)), args, node),
    history: async (args: PageArguments & { path?: string }) => {
      const log = await repository.objects.log([commit.sha], args.path ? [args.path] : []);
      return connection('history', log, args, node);
    },
  };
}

function treeNode(world: World, repository: Repository, sha: string, path: string): object {
  return {
    ...gitObject(repository, 'Tree', 'T', sha),
    async entries() {
      const entries = await repository.objects.tree(sha);
      // All files of a folder come out of git at once, when the first is asked for.
      let contents: Promise<Map<string, Buffer>> | undefined;
      const blobs = entries.filter(({ type }) => type === 'blob').map(each => each.sha);
      const content = async (blob: string) => {
        contents ??= repository.objects.blobs(blobs);
        return (await contents).get(blob) ?? Buffer.alloc(0);
      };
      return entries.map(entry =>
        entryNode(
          world,
          repository,
          { ...entry, path: path ? `${path}/${entry.path}` : entry.path },
          content,
        ),
      );
    },
  };
}

const entryNode = (
  world: World,
  repository: Repository,
  entry: Entry,
  content = async (sha: string) => (await repository.objects.blobs([sha])).get(sha) ?? Buffer.alloc(0),
) => ({
  name: entry.path.split('/').at(-1) ?? '',
  path: entry.path,
  mode: Number.parseInt(entry.mode, 8),
  type: entry.type,
  oid: entry.sha,
  size: entry.size ?? 0,
  object() {
    if (entry.type === 'tree') return treeNode(world, repository, entry.sha, entry.path);
    if (entry.type === 'blob')
      return blobNode(repository, entry.sha, entry.size ?? 0, () => content(entry.sha));
    return null;
  },
});

// What is longer than this comes in part only.
const longestText = 512 * 1024;

const blobNode = (repository: Repository, sha: string, size: number, content: () => Promise<Buffer>) => {
  const isBinary = async () => (await content()).subarray(0, 8000).includes(0);
  return {
    ...gitObject(repository, 'Blob', 'B', sha),
    byteSize: size,
    isBinary,
    isTruncated: size > longestText,
    text: async () => ((await isBinary()) ? null : (await content()).toString('utf8', 0, longestText)),
  };
};

/** `object(expression:)` and `object(oid:)`. */
export async function findObject(world: World, repository: Repository, revision: string) {
  const sha = await repository.objects.resolve(revision);
  return sha ? objectNode(world, repository, sha) : null;
}

export const unresolved = (kind: string, what: string) =>
  graphError('NOT_FOUND', `Could not resolve to ${kind} with ${what}.`);
