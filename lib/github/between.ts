import type { Octokit } from '../runner/runner.ts';
import { failure, patiently } from './call.ts';

/** Two revisions of a repository: tags or commits. */
export interface Range {
  /** `owner/name` */
  slug: string;
  from: string;
  to: string;
}

export interface BetweenCommit {
  sha: string;
  headline: string;
  /** The login, or where there is none the name. */
  author: string;
}

export type Between =
  /** Those that come, the newest first, and how many go: more than none where it is a step back. */
  | { known: true; commits: BetweenCommit[]; left: number; isAll: boolean }
  /** A word why nothing is known. */
  | { known: false; why: string };

const purpose = { to: 'read commits', needs: 'contents: read' };
const window = 100;

/**
 * The commits between two revisions each, of as many repositories as there are, in one request. GraphQL compares branches and
 * tags only, so the hundred latest of both ends are held against each other.
 */
export async function commitsBetween(octokit: Octokit, ranges: readonly Range[]): Promise<Between[]> {
  if (ranges.length === 0) return [];
  const variables = Object.fromEntries(
    ranges.flatMap(({ slug, from, to }, index) => {
      const [owner, name] = slug.split('/');
      return Object.entries({ owner, name, from, to }).map(([key, value]) => [`${key}${index}`, value]);
    }),
  );
  const answer = await patiently(purpose, request =>
    octokit.graphql<Answer>(question(ranges.length), { ...variables, request }).catch(error => {
      // What this token may not see is null, and told as an error beside all the rest.
      const { data } = error as { data?: Answer };
      const isPart = failure(error).errors?.every(({ type }) => type === 'NOT_FOUND' || type === 'FORBIDDEN');
      if (data && isPart) return data;
      throw error;
    }),
  );
  return ranges.map((_, index) => {
    const found = answer[`r${index}`];
    if (!found) return { known: false, why: 'this token does not see the repository' };
    const [from, to] = [historyOf(found.from), historyOf(found.to)];
    if (!from || !to)
      return { known: false, why: `the repository has no ${from ? 'such new' : 'such old'} revision` };
    return difference(from, to);
  });
}

interface Node {
  oid: string;
  messageHeadline: string;
  committedDate: string;
  author: { name: string | null; user: { login: string } | null } | null;
}

interface History {
  nodes: Node[];
  pageInfo: { hasNextPage: boolean };
}

interface End {
  history?: History;
  target?: { history?: History };
}

type Answer = Record<`r${number}`, { from: End | null; to: End | null } | null>;

/** An annotated tag is an object of its own, in front of its commit. */
const historyOf = (end: End | null): History | undefined => end?.history ?? end?.target?.history;

function question(count: number): string {
  const indexes = Array.from({ length: count }, (_, index) => index);
  const declared = indexes.flatMap(index =>
    ['owner', 'name', 'from', 'to'].map(key => `$${key}${index}: String!`),
  );
  const end = (key: string) => `${key.replace(/\d+$/, '')}: object(expression: $${key}) { ...end }`;
  return `query(${declared.join(', ')}) {
${indexes.map(index => `  r${index}: repository(owner: $owner${index}, name: $name${index}) { ${end(`from${index}`)} ${end(`to${index}`)} }`).join('\n')}
}
fragment end on GitObject { ...commits ... on Tag { target { ...commits } } }
fragment commits on Commit {
  history(first: ${window}) {
    nodes { oid messageHeadline committedDate author { name user { login } } }
    pageInfo { hasNextPage }
  }
}`;
}

function difference(from: History, to: History): Between {
  const known = without(to, from);
  const commits = known.nodes.map(({ oid, messageHeadline, author }) => ({
    ...{ sha: oid, headline: messageHeadline, author: author?.user?.login ?? author?.name ?? '' },
  }));
  return { known: true, commits, left: without(from, to).nodes.length, isAll: known.isAll };
}

/** What one history has and the other has not, as far back as both were read. */
function without(one: History, other: History): { nodes: Node[]; isAll: boolean } {
  const theirs = new Set(other.nodes.map(({ oid }) => oid));
  const oldest = other.pageInfo.hasNextPage ? (other.nodes.at(-1)?.committedDate ?? '') : '';
  const nodes = one.nodes.filter(({ oid, committedDate }) => !theirs.has(oid) && committedDate > oldest);
  // Where the two meet within the window, all that comes before was seen.
  const isAll = !one.pageInfo.hasNextPage || one.nodes.some(({ oid }) => theirs.has(oid));
  return { nodes, isAll };
}
