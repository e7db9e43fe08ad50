import type { ChangedFile } from '../diff.ts';
import type { Commit, Entry } from '../objects.ts';
import type { Account, Repository, World } from '../world.ts';
import { nodeId, type Schemas, user } from './accounts.ts';
import { apiUrl, webUrl } from './repositories.ts';

const verification = {
  verified: false,
  reason: 'unsigned',
  signature: null,
  payload: null,
  verified_at: null,
};

export const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/');

export function refShape(
  repository: Repository,
  ref: { name: string; sha: string; type: string },
): Schemas['git-ref'] {
  const url = apiUrl(repository);
  return {
    ref: ref.name,
    node_id: nodeId('REF', `${repository.id}:${ref.name}`),
    url: `${url}/git/${ref.name}`,
    object: { sha: ref.sha, type: ref.type, url: `${url}/git/${ref.type}s/${ref.sha}` },
  };
}

export function gitCommitShape(repository: Repository, commit: Commit): Schemas['git-commit'] {
  const url = apiUrl(repository);
  return {
    sha: commit.sha,
    node_id: nodeId('C', `${repository.id}:${commit.sha}`),
    url: `${url}/git/commits/${commit.sha}`,
    html_url: `${webUrl(repository)}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    message: commit.message,
    tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
    parents: commit.parents.map(sha => parent(repository, sha)),
    verification,
  };
}

export function commitShape(world: World, repository: Repository, commit: Commit): Schemas['commit'] {
  const url = `${apiUrl(repository)}/commits/${commit.sha}`;
  const { sha, node_id, html_url, tree, author, committer, message } = gitCommitShape(repository, commit);
  return {
    sha,
    node_id,
    commit: {
      author,
      committer,
      message,
      tree,
      url: `${apiUrl(repository)}/git/commits/${sha}`,
      comment_count: 0,
      verification,
    },
    url,
    html_url,
    comments_url: `${url}/comments`,
    author: optionalUser(authorOf(world, commit.author.email)),
    committer: optionalUser(authorOf(world, commit.committer.email)),
    parents: commit.parents.map(each => ({
      ...parent(repository, each),
      url: `${apiUrl(repository)}/commits/${each}`,
    })),
  };
}

const parent = (repository: Repository, sha: string) => ({
  sha,
  url: `${apiUrl(repository)}/git/commits/${sha}`,
  html_url: `${webUrl(repository)}/commit/${sha}`,
});

const optionalUser = (account: Account | undefined) => (account ? user(account) : null);

/** The account that a commit's address belongs to. */
export const authorOf = (world: World, email: string): Account | undefined => {
  const id = /^(\d+)\+.*@users\.noreply\.github\.com$/.exec(email)?.[1];
  return [...world.accounts.values()].find(account => String(account.id) === id);
};

export function treeShape(
  repository: Repository,
  sha: string,
  entries: Entry[],
): Schemas['git-tree'] & { node_id: string } {
  const url = `${apiUrl(repository)}/git`;
  return {
    sha,
    node_id: nodeId('T', `${repository.id}:${sha}`),
    url: `${url}/trees/${sha}`,
    tree: entries.map(entry => ({ ...entry, url: `${url}/${entry.type}s/${entry.sha}` })),
    truncated: false,
  };
}

export const blobShape = (repository: Repository, sha: string, content: Buffer): Schemas['blob'] => ({
  sha,
  node_id: nodeId('B', `${repository.id}:${sha}`),
  size: content.length,
  url: `${apiUrl(repository)}/git/blobs/${sha}`,
  content: base64Lines(content),
  encoding: 'base64',
});

export function fileShape(
  repository: Repository,
  ref: string,
  entry: Entry,
  content: Buffer,
): Schemas['content-file'] {
  const { size: _, ...file } = entryShape(repository, ref, entry);
  return { ...file, type: 'file', size: content.length, encoding: 'base64', content: base64Lines(content) };
}

export const folderShape = (
  repository: Repository,
  ref: string,
  entries: Entry[],
): Schemas['content-directory'] => entries.map(entry => entryShape(repository, ref, entry));

function entryShape(repository: Repository, ref: string, entry: Entry) {
  const url = `${apiUrl(repository)}/contents/${encodePath(entry.path)}?ref=${encodeURIComponent(ref)}`;
  const git = `${apiUrl(repository)}/git/${entry.type}s/${entry.sha}`;
  const html = `${webUrl(repository)}/blob/${encodePath(ref)}/${encodePath(entry.path)}`;
  return {
    type: kind(entry),
    size: entry.size ?? 0,
    name: entry.path.split('/').at(-1) ?? '',
    path: entry.path,
    sha: entry.sha,
    url,
    git_url: git,
    html_url: html,
    download_url: entry.type === 'blob' ? `${html}?raw=true` : null,
    _links: { self: url, git, html },
  };
}

function kind(entry: Entry): 'dir' | 'file' | 'submodule' | 'symlink' {
  if (entry.mode === '120000') return 'symlink';
  return { tree: 'dir', blob: 'file', commit: 'submodule' }[entry.type] as 'dir' | 'file' | 'submodule';
}

export function changedFileShape(
  repository: Repository,
  ref: string,
  file: ChangedFile,
): Schemas['diff-entry'] {
  const path = encodePath(file.path);
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${webUrl(repository)}/blob/${ref}/${path}`,
    raw_url: `${webUrl(repository)}/raw/${ref}/${path}`,
    contents_url: `${apiUrl(repository)}/contents/${path}?ref=${ref}`,
    ...(file.patch && { patch: file.patch }),
  };
}

/** GitHub breaks base64 after 60 characters. */
const base64Lines = (content: Buffer) => content.toString('base64').replace(/.{60}/g, '$&\n');
