import { headRef } from './branches.ts';
import type { Git } from './git.ts';
import { held } from './rules.ts';
import type { Protection, Repository } from './world.ts';

/** Sets or lifts a branch's protection, also for git's own hook. */
export async function protect(
  git: Git,
  repository: Repository,
  branch: string,
  rule: Protection | undefined,
): Promise<void> {
  if (rule) repository.protection.set(branch, rule);
  else repository.protection.delete(branch);
  await refreshHook(git, repository);
}

/** Tells git's own hook which branches take no pushes. */
export async function refreshHook(git: Git, repository: Repository): Promise<void> {
  const { folder } = repository.objects;
  await git(folder, ['config', '--unset-all', 'sandbox.protected'], { expect: [0, 5] });
  for (const name of new Set([...repository.protection.keys(), repository.defaultBranch])) {
    if (held(repository, name)?.pullRequests)
      await git(folder, ['config', '--add', 'sandbox.protected', headRef(name)]);
  }
}
