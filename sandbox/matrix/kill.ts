import { allProcesses, withDescendants } from '../processes.ts';
import { killFamily } from '../sweep.ts';

/**
 * Kills an action as a machine that is switched off does: its kubectl and its git, which would go on with its work, die too.
 * While it runs Terraform it dies alone, as `lib/runner` has it: Terraform is let end its work, for what it has made would
 * else be lost with its state, and no action could know.
 */
export function kill(pid: number): void {
  const all = allProcesses();
  const family = new Set(withDescendants([pid], all));
  // Behind a wrapper it is terraform-bin, and its providers are terraform-provider-….
  const runsTerraform = all.some(one => family.has(one.pid) && one.name.startsWith('terraform'));
  if (runsTerraform) process.kill(pid, 'SIGKILL');
  else killFamily(pid);
}
