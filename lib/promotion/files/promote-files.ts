import { UserErrors, userErrors } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';
import { fenced, shownHunks } from '../editor/hunks.ts';
import { planFiles } from './plan-files.ts';
import { linesOf, readWishes, type Wanted } from './wishes.ts';
import { type ReadFile, readWithin, replaceAll } from './working-tree.ts';

export interface FilesRequest extends Wanted {
  /** The folder that the files are in. */
  directory: string;
  /** Paths in that folder, one a line. */
  file: string;
  dryRun: boolean;
}

/**
 * Makes files of a working tree say which images and revisions are wanted: a line a value, and nothing else. All files are
 * written or none.
 * @throws UserErrors for everything that is wrong with any of them
 */
export async function promoteFiles(
  runner: Runner,
  request: FilesRequest,
): Promise<{ changed: boolean; diff: string }> {
  const wishes = readWishes(request);
  const files = await readAll(request.directory, linesOf(request.file));
  const planned = planFiles(files, wishes);
  const changes = planned.filter(({ edited }) => edited.hunks.length > 0);
  const diff = changes.flatMap(({ was, edited }) => shownHunks(was.path, edited.hunks)).join('\n');
  const names = changes.map(({ was }) => was.path).join(', ');
  if (changes.length === 0) {
    runner.info(
      `Nothing to change: ${files.map(({ path }) => path).join(', ')} ${files.length > 1 ? 'say' : 'says'} so already`,
    );
    return { changed: false, diff };
  }
  runner.info(diff);
  await runner.summary(fenced(diff));
  if (request.dryRun) {
    runner.info(`Not written: ${names} (a dry run)`);
    return { changed: false, diff };
  }
  await replaceAll(changes.map(({ was, edited }) => ({ was, bytes: edited.bytes })));
  runner.info(`Written: ${names}`);
  return { changed: true, diff };
}

async function readAll(directory: string, paths: readonly string[]): Promise<ReadFile[]> {
  const read = await Promise.allSettled([...new Set(paths)].map(path => readWithin(directory, path)));
  const errors = read.flatMap(each => (each.status === 'rejected' ? userErrors(each.reason) : []));
  if (errors.length > 0) throw new UserErrors(errors);
  const files = read.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []));
  return [...new Map(files.map(file => [file.path, file])).values()];
}
