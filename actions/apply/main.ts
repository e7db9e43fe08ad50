import { defineAction, type Inputs } from '../../lib/runner/action.ts';
import { start } from '../../lib/runner/github.ts';
import { declaration } from './declaration.ts';

const environmentRequest = (input: Inputs<typeof declaration>) => ({
  environment: input.environment,
  platformFile: input.platform,
  directory: input.directory,
  exoscaleApiKey: input['exoscale-api-key'],
  exoscaleApiSecret: input['exoscale-api-secret'],
  dryRun: input['dry-run'],
  githubToken: input['github-token'],
});

export const action = defineAction({
  declaration,
  async main(runner, input) {
    const { apply } = await import('../../lib/terraform/apply.ts');
    const { changed, clusterId, ingressIp } = await apply(runner, {
      ...environmentRequest(input),
      reviewKey: input['review-key'],
      acceptChanges: input['accept-changes'],
      recover: input.recover,
    });
    return {
      changed: String(changed),
      ...(clusterId && { 'cluster-id': clusterId }),
      ...(ingressIp && { 'ingress-ip': ingressIp }),
    };
  },
  async post(runner, input) {
    const { finish } = await import('../../lib/terraform/finish.ts');
    await finish(runner, { ...environmentRequest(input), operation: 'apply' });
  },
});

if (import.meta.main) await start(action);
