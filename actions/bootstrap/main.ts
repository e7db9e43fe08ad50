import { defineAction } from '../../lib/runner/action.ts';
import { start } from '../../lib/runner/github.ts';
import { declaration } from './declaration.ts';

export const action = defineAction({
  declaration,
  async main(runner, input) {
    const { bootstrap } = await import('../../lib/cluster/bootstrap.ts');
    return bootstrap(runner, {
      environment: input.environment,
      platformFile: input.platform,
      manifests: input.manifests,
      kubeconfig: input.kubeconfig,
      exoscaleApiKey: input['exoscale-api-key'],
      exoscaleApiSecret: input['exoscale-api-secret'],
      repositoryToken: input['repository-token'],
      registryToken: input['registry-token'],
      cloudflareApiToken: input['cloudflare-api-token'],
      until: input.until,
      target: input.target,
      timeoutMinutes: input['timeout-minutes'],
      dryRun: input['dry-run'],
      drift: input.drift,
      githubToken: input['github-token'],
    });
  },
});

if (import.meta.main) await start(action);
