import { checkLength, notFound } from './errors.ts';
import { type Account, type Comment, type Issue, now, type Repository, type World } from './world.ts';

export function addComment(world: World, issue: Issue, author: Account, body: string): Comment {
  checkLength('IssueComment', body);
  const comment = { id: world.nextId(), body, author, createdAt: now(), updatedAt: now(), edits: [] };
  issue.comments.push(comment);
  return comment;
}

export function editComment(world: World, comment: Comment, editor: Account, body: string): void {
  checkLength('IssueComment', body);
  // The first edit puts the first body on record too.
  if (comment.edits.length === 0)
    comment.edits.push(edit(world, comment.author, comment.body, comment.createdAt));
  comment.body = body;
  comment.updatedAt = now();
  comment.edits.push(edit(world, editor, body, comment.updatedAt));
}

const edit = (world: World, editor: Account, body: string, at: string) => ({
  id: `UCE_${world.nextId()}`,
  body,
  at,
  editor,
});

/** @throws ApiError 404 */
export function findComment(
  repositories: Iterable<Repository>,
  id: number,
): { repository: Repository; issue: Issue; comment: Comment } {
  for (const repository of repositories) {
    for (const issue of repository.issues.values()) {
      const comment = issue.comments.find(each => each.id === id);
      if (comment) return { repository, issue, comment };
    }
  }
  throw notFound();
}
