import { createHash } from 'node:crypto';
import { UserError } from '../runner/errors.ts';
import { patiently } from './call.ts';
import { query, type Repository } from './repository.ts';

/** A file as git has it, byte for byte. */
export interface File {
  path: string;
  bytes: Uint8Array;
}

/** Some folders of a repository at one commit. */
export interface Snapshot {
  branch: string;
  /** The commit that all of this is from. */
  head: string;
  /** The files directly in each folder; none for a folder that does not exist. */
  files(folder: string): File[];
}

const purpose = { to: 'read the repository', needs: 'contents: read' };

/** Where in a repository: at the head of a branch, or at a commit, which may be shortened. */
export type Place = { branch: string } | { commit: string };

/**
 * Reads folders in one request, however many files they have.
 * @param place the head of the default branch unless told
 * @throws UserError for a repository, branch or commit that is not there, and for symbolic links
 */
export async function snapshot(
  target: Repository,
  folders: readonly string[],
  place?: Place,
): Promise<Snapshot> {
  const { owner, repo } = target;
  const variables = Object.fromEntries(folders.map((folder, index) => [`folder${index}`, folder]));
  const answer = await query<Answer>(target, purpose, question(folders, place), {
    owner,
    repo,
    ...(place && ('branch' in place ? { ref: `refs/heads/${place.branch}` } : { ref: place.commit })),
    ...variables,
  }).catch(error => {
    if (!/Could not resolve to a Repository/.test(String(error))) throw error;
    throw new UserError(
      `The github-token sees no repository ${owner}/${repo}: see "repository" in platform.yaml, and that the token is for it`,
    );
  });
  const { ref, object } = answer.repository;
  const found = ref?.target ?? object;
  if (!found?.oid) throw new UserError(absent(`${owner}/${repo}`, place));
  const read = await Promise.all(
    folders.map(async (folder, index) => {
      const entries = found[`folder${index}`]?.object?.entries ?? [];
      const files = entries.filter(({ type }) => type === 'blob');
      return [folder, await Promise.all(files.map(entry => file(target, folder, entry)))] as const;
    }),
  );
  const contents = new Map(read);
  return { branch: ref?.name ?? '', head: found.oid, files: folder => contents.get(folder) ?? [] };
}

interface Entry {
  name: string;
  mode: number;
  type: string;
  oid: string;
  object: { text: string | null; isTruncated: boolean } | null;
}

type Folders = Record<`folder${number}`, { object: { entries?: Entry[] } | null } | null>;
type Commit = { oid?: string } & Folders;

interface Answer {
  repository: { ref?: { name: string; target: Commit } | null; object?: Commit | null };
}

function absent(slug: string, place: Place | undefined): string {
  if (!place) return `The repository ${slug} is empty: push a first commit`;
  return 'branch' in place
    ? `The repository ${slug} has no branch ${place.branch}`
    : `The repository ${slug} has no commit ${place.commit}, or several that begin so: give all of its 40 digits`;
}

function question(folders: readonly string[], place: Place | undefined): string {
  const declared = folders.map((_, index) => `$folder${index}: String!`);
  const wanted = folders.map((_, index) => `folder${index}: file(path: $folder${index}) { ...content }`);
  const commit = `... on Commit { oid ${wanted.join(' ')} }`;
  const ref = place ? 'ref(qualifiedName: $ref)' : 'ref: defaultBranchRef';
  return `query($owner: String!, $repo: String!${place ? ', $ref: String!' : ''}, ${declared.join(', ')}) {
  repository(owner: $owner, name: $repo) {
    ${place && 'commit' in place ? `object(expression: $ref) { ${commit} }` : `${ref} { name target { ${commit} } }`}
  }
}
fragment content on TreeEntry {
  object { ... on Tree { entries { name mode type oid object { ... on Blob { text isTruncated } } } } }
}`;
}

async function file(target: Repository, folder: string, { name, mode, oid, object }: Entry): Promise<File> {
  const path = `${folder}/${name}`;
  if (mode === 0o120000) {
    throw new UserError('This is a symbolic link, which is never followed: put the file itself here', {
      file: path,
    });
  }
  if (object && !object.isTruncated && object.text !== null) {
    const bytes = Buffer.from(object.text);
    // GitHub decodes before it sends; only if git gives the same name to what we have, no byte was lost on the way.
    if (blobName(bytes) === oid) return { path, bytes };
  }
  const { octokit, owner, repo } = target;
  const { data } = await patiently(purpose, request =>
    octokit.rest.git.getBlob({ owner, repo, file_sha: oid, request }),
  );
  return { path, bytes: Buffer.from(data.content, 'base64') };
}

const blobName = (bytes: Buffer): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
