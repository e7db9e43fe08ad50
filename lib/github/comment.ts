import { UserError } from '../runner/errors.ts';
import type { Octokit } from '../runner/runner.ts';
import { backoff } from './backoff.ts';
import { failure, type Purpose, Unanswered } from './call.ts';
import { lines } from './marks.ts';
import { mutate, query, type Repository, repository } from './repository.ts';
import { isData, isOurs, longestKey, merge, parse, render, revise } from './sections.ts';

export interface CommentRequest {
  /** `owner/name` */
  repository: string;
  pullRequest: number;
  /** The name of the part of the comment that this writes: `plan staging`. Nobody sees it. */
  section: string;
  body: string;
  /** The commit that this is made for: a section says so itself as soon as the pull request has moved on. */
  commit?: string | undefined;
  /**
   * What the section carries and nobody sees: base64url, or several of these with points between, of at most 16 KiB. Where
   * there is no room for all, the last go first.
   */
  data?: string | undefined;
}

/** A section as it stands in the comment; a body that did not fit is cut. */
export interface WrittenSection {
  body: string;
  commit?: string;
  data?: string;
  /** Who else than we has written what stands there, by the comment's history. */
  editor?: string;
}

interface Comment {
  id: string;
  body: string;
  /** We, as GitHub names us. */
  author: { login: string } | null;
  /** Its bodies, the newest first: none as long as it was never edited. */
  edits: { id: string; diff?: string | null; editor?: { login: string } | null }[];
}

const attempts = 15;
const longestData = 16 * 1024;
const purpose = { to: 'write comments on pull requests', needs: 'pull-requests: write' };

/**
 * Writes one section of the one comment that we have on a pull request, and leaves the others as they are.
 *
 * GitHub takes whatever body comes last, so of two jobs that write at once one undoes the other. But it keeps every body
 * that the comment ever had: whoever wrote looks again, finds what was there for a moment, and puts it back. The last one
 * to write sees all, so in the end all is there. One that looked and finds nothing to mend is done, and a second run with
 * the same text writes nothing. What was made for a commit that the pull request has left does not replace what was made
 * for its head.
 *
 * @throws UserError when the token may not comment, or GitHub gives no answer
 */
export async function comment(octokit: Octokit, request: CommentRequest): Promise<void> {
  const { pullRequest: number, section, body, commit, data } = request;
  if (data !== undefined && !(isData(data) && data.length <= longestData)) {
    throw new Error(
      `The data of the section ${section} must be base64url of at most ${longestData} characters`,
    );
  }
  if (section.length > longestKey) {
    throw new UserError(
      `The name of a part of the comment has ${section.length} characters, and at most ${longestKey} are taken: use a shorter name for the environment`,
    );
  }
  const target = repository(octokit, request.repository);
  let old: ReadonlySet<string> | undefined;
  let mine: ReturnType<typeof revise> | undefined;

  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 1) await backoff(attempt);
    const { subject, head, comments } = await look(target, purpose, number, old !== undefined);
    // Bodies from before we came are past: what somebody took out by hand stays out.
    old ??= new Set(comments.flatMap(({ edits }) => edits.map(({ id }) => id)));
    const before = old;
    const bodies = comments.flatMap(each => [
      each.body,
      ...each.edits.flatMap(({ id, diff }) => (before.has(id) || !diff ? [] : [diff])),
    ]);
    const found = merge(bodies.map(parse), head);
    mine ??= revise(found, section, { body, ...(commit && { commit }), ...(data && { data }) });
    const wanted = render(merge([found, new Map([[section, mine]])], head), head, section);

    const [first, ...others] = comments;
    if (first && lines(first.body) === wanted) {
      // Two jobs that both found no comment made one each. The older stays, and has both texts by now.
      for (const other of others) await tolerant(number, () => remove(target, other.id));
      return;
    }
    await tolerant(number, () => (first ? update(target, first.id, wanted) : add(target, subject, wanted)));
  }
  throw new UserError(
    `The comment on pull request #${number} was changed by others ${attempts} times in a row, or GitHub lost our changes: run this again`,
  );
}

/**
 * Reads one section of our comment; undefined where there is none.
 * @throws UserError when the token may not read the pull request, or GitHub gives no answer
 */
export async function readSection(
  octokit: Octokit,
  request: Pick<CommentRequest, 'repository' | 'pullRequest' | 'section'>,
): Promise<WrittenSection | undefined> {
  const reading = { to: 'read comments on pull requests', needs: 'pull-requests: read' };
  const target = repository(octokit, request.repository);
  const { head, comments } = await look(target, reading, request.pullRequest, true);
  const found = merge(
    comments.map(({ body }) => parse(body)),
    head,
  ).get(request.section);
  if (!found) return undefined;
  const { text, commit, data } = found;
  const editor = comments.map(each => stranger(each, request.section, text)).find(Boolean);
  return { body: text, ...(commit && { commit }), ...(data && { data }), ...(editor && { editor }) };
}

/** Who has brought this text into a comment of ours, if it was not we. Whoever writes another section leaves it as it is. */
function stranger({ author, edits }: Comment, section: string, text: string): string | undefined {
  const other = edits.findIndex(({ diff }) => parse(diff ?? '').get(section)?.text !== text);
  // The newest is what stands there, also when its text was taken out of the history.
  const first = other < 0 ? edits.at(-1) : edits[Math.max(0, other - 1)];
  const login = first?.editor?.login;
  return login === author?.login ? undefined : login;
}

/**
 * Our comments, the oldest first, and the commit that the pull request is at. A comment of somebody else that carries our
 * marker is not ours.
 * @param bodies whether to ask for former bodies: each may be as long as a comment
 */
async function look(
  target: Repository,
  purpose: Purpose,
  number: number,
  bodies: boolean,
): Promise<{ subject: string; head: string; comments: Comment[] }> {
  const comments: Comment[] = [];
  for (let after: string | null = null; ; ) {
    const answer: Page = await query(target, purpose, page, {
      owner: target.owner,
      repo: target.repo,
      number,
      after,
      bodies,
    });
    const { id, headRefOid: head, comments: found } = answer.repository.pullRequest;
    for (const { viewerDidAuthor, userContentEdits, ...each } of found.nodes) {
      if (viewerDidAuthor && isOurs(each.body))
        comments.push({ ...each, edits: userContentEdits?.nodes ?? [] });
    }
    if (!found.pageInfo.hasNextPage) return { subject: id, head, comments };
    after = found.pageInfo.endCursor;
  }
}

interface Page {
  repository: {
    pullRequest: {
      id: string;
      headRefOid: string;
      comments: {
        nodes: {
          id: string;
          body: string;
          author: Comment['author'];
          viewerDidAuthor: boolean;
          userContentEdits: { nodes: Comment['edits'] } | null;
        }[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
      };
    };
  };
}

// `diff` is the whole body as it was after that edit, and the newest come first.
const page = `query($owner: String!, $repo: String!, $number: Int!, $after: String, $bodies: Boolean!) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      id
      headRefOid
      comments(first: 100, after: $after) {
        nodes { id body author { login } viewerDidAuthor userContentEdits(first: 50) { nodes { id diff @include(if: $bodies) editor { login } } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}`;

const add = (target: Repository, subject: string, body: string) =>
  mutate(
    target,
    purpose,
    `mutation($subject: ID!, $body: String!) {
      addComment(input: { subjectId: $subject, body: $body }) { clientMutationId }
    }`,
    { subject, body },
  );

const update = (target: Repository, id: string, body: string) =>
  mutate(
    target,
    purpose,
    'mutation($id: ID!, $body: String!) { updateIssueComment(input: { id: $id, body: $body }) { clientMutationId } }',
    { id, body },
  );

const remove = (target: Repository, id: string) =>
  mutate(
    target,
    purpose,
    'mutation($id: ID!) { deleteIssueComment(input: { id: $id }) { clientMutationId } }',
    { id },
  );

/** A lost answer and a comment that is gone are seen, and mended, by the next look. */
async function tolerant(pullRequest: number, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { type, message = '' } = failure(error).errors?.[0] ?? {};
    if (/\btoo long\b/.test(message)) {
      throw new UserError(
        `GitHub does not take the comment on pull request #${pullRequest} ("${message}"): delete the comment, and run this again`,
      );
    }
    const gone = type === 'NOT_FOUND';
    if (!gone && !(error instanceof Unanswered)) throw error;
  }
}
