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
});

export const action = defineAction({
  declaration,
  async main(runner, input) {
    const { teardown } = await import('../../lib/teardown/teardown.ts');
    const { leftovers, dumps } = await teardown(runner, {
      ...environmentRequest(input),
      confirm: input.confirm,
      confirmProtected: input['confirm-protected'],
      confirmData: input['confirm-data'],
      sweep: input.sweep,
      recover: input.recover,
      cloudflareApiToken: input['cloudflare-api-token'],
    });
    return { leftovers: JSON.stringify(leftovers), dumps: JSON.stringify(dumps) };
  },
  async post(runner, input) {
    const { finish } = await import('../../lib/terraform/finish.ts');
    const { shutLeft } = await import('../../lib/teardown/data/access.ts');
    await shutLeft(runner, {
      key: input['exoscale-api-key'] ?? '',
      secret: input['exoscale-api-secret'] ?? '',
    });
    await finish(runner, { ...environmentRequest(input), operation: 'destroy' });
  },
});

if (import.meta.main) await start(action);
