import { defineAction } from '../../lib/runner/action.ts';
import { start } from '../../lib/runner/github.ts';
import { declaration } from './declaration.ts';

export const action = defineAction({
  declaration,
  async main(runner, input) {
    const { teardown } = await import('../../lib/teardown/teardown.ts');
    const leftovers = await teardown(runner, {
      environment: input.environment,
      platformFile: input.platform,
      directory: input.directory,
      confirm: input.confirm,
      exoscaleApiKey: input['exoscale-api-key'],
      exoscaleApiSecret: input['exoscale-api-secret'],
      cloudflareApiToken: input['cloudflare-api-token'],
      dryRun: input['dry-run'],
    });
    return { leftovers: JSON.stringify(leftovers) };
  },
});

if (import.meta.main) await start(action);
