import type { Target } from '../../platform/platform.ts';
import { UserError } from '../../runner/errors.ts';
import type { PromoteRequest } from '../request.ts';

/** What is missing before the gates that are configured can be asked: known before anything is read or written. */
export function unaskable(
  { environment, settings: { promote } }: Target,
  request: PromoteRequest,
): UserError[] {
  const { hotfix, kubeconfig, githubToken, exoscaleApiKey, exoscaleApiSecret } = request;
  const errors: UserError[] = [];
  const wrong = (message: string) => void errors.push(new UserError(message));
  const named = (...gates: ('healthy' | 'soak' | 'approval' | 'attestation')[]) =>
    gates.filter(gate => promote?.[gate]).join(', ');

  const ofCluster = named('healthy', 'soak');
  if (ofCluster && !kubeconfig && !(exoscaleApiKey && exoscaleApiSecret)) {
    wrong(
      `The gates ${ofCluster} of ${environment} ask the cluster of ${promote?.from}: give EXOSCALE_API_KEY and EXOSCALE_API_SECRET, or a kubeconfig of that cluster as the input "kubeconfig"`,
    );
  }
  const ofGitHub = named('approval', 'attestation');
  if (ofGitHub && !githubToken) {
    wrong(
      `The gates ${ofGitHub} of ${environment} ask GitHub: give the input github-token (in a terminal the variable GITHUB_TOKEN), also to a dry run`,
    );
  }
  if (hotfix === undefined) return errors;
  if (!/^[^\p{C}\u2028\u2029]{3,200}$/u.test(hotfix)) {
    wrong('The input hotfix is the reason that the commit will carry: write one line of 3 to 200 characters');
  }
  if (!promote?.freeze) {
    wrong(`The input hotfix goes past a freeze, and ${environment} has none in platform.yaml: leave it out`);
  }
  return errors;
}
