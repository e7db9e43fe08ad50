import { UserError } from '../runner/errors.ts';

/**
 * A tag or commit, or the version of a chart. What arrives may come from another repository: branches move, and options
 * are no revisions.
 * @throws UserError
 */
export function checkRevision(revision: string): string {
  if (/^\w[\w./+-]{0,199}$/.test(revision) && !/\.\.|^(HEAD|main|master|refs\/heads\/.*)$/.test(revision))
    return revision;
  throw new UserError(
    `"${revision}" is no fixed revision: write a tag or a commit of the service's repository`,
  );
}
