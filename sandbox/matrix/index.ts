import { bootstrap } from './bootstrap.ts';
import { dns } from './dns.ts';
import { kubeconfig } from './kubeconfig.ts';
import { promoteCommit, promotePullRequest } from './promote.ts';
import { teardown } from './teardown.ts';
import { apply, plan } from './terraform.ts';
import type { Subject } from './world.ts';

export { type Outcome, play, type Row, rowsOf, sample, undisturbed } from './rows.ts';

/** By the name under which it is asked for: the action, and in which situation where there are several. */
export const subjects: Record<string, () => Promise<Subject>> = {
  kubeconfig,
  dns,
  'promote/commit': promoteCommit,
  'promote/pull-request': promotePullRequest,
  plan,
  apply,
  bootstrap,
  teardown,
};
