import { defineAction } from '../../lib/runner/action.ts';
import { start } from '../../lib/runner/github.ts';
import { declaration } from './declaration.ts';

export const action = defineAction({
  declaration,
  async main(runner, input) {
    const { apply } = await import('../../lib/terraform/apply.ts');
    const { changed, clusterId, ingressIp } = await apply(runner, {
      environment: input.environment,
      platformFile: input.platform,
      directory: input.directory,
      exoscaleApiKey: input['exoscale-api-key'],
      exoscaleApiSecret: input['exoscale-api-secret'],
      dryRun: input['dry-run'],
    });
    return {
      changed: String(changed),
      ...(clusterId && { 'cluster-id': clusterId }),
      ...(ingressIp && { 'ingress-ip': ingressIp }),
    };
  },
});

if (import.meta.main) await start(action);
