import { UserError, UserErrors } from './errors.ts';
import type { Runner } from './runner.ts';

/** Says what went wrong in the user's words, or, for a bug of ours, where. */
export function reportError(runner: Runner, error: unknown): void {
  const lack = lackOf(error);
  if (error instanceof UserErrors) for (const each of error.errors) runner.error(each.message, each.at);
  else if (error instanceof UserError) runner.error(error.message, error.at);
  else if (lack) runner.error(lack);
  else {
    runner.info(error instanceof Error ? (error.stack ?? error.message) : String(error));
    runner.error('This is a bug in Slipway: please report it with the stack above');
  }
}

const lacks: Record<string, string> = {
  ENOSPC: 'there is no space left on the disk: make room, or take a larger machine',
  EDQUOT: "this user's share of the disk is full: make room",
  EROFS: 'the disk can only be read: run this where it may write',
  EACCES: 'this user may not: see whose it is, and who may read and write it',
  EPERM: 'this user may not: see whose it is, and who may read and write it',
  EMFILE: 'too many files are open: raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine: end what holds them',
};

/** What the machine lacks is for its owner to mend, wherever it shows. */
function lackOf(error: unknown): string | undefined {
  const { code = '', syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  const lack = syscall && Object.hasOwn(lacks, code) ? lacks[code] : undefined;
  return (
    lack && `${path ?? 'A file'} could not be used (${code} at ${syscall}), for ${lack}; then run this again`
  );
}
