import { defineAction } from '../../lib/runner/action.ts';
import { start } from '../../lib/runner/github.ts';
import { declaration } from './declaration.ts';

export const action = defineAction({
  declaration,
  async main(runner, input) {
    const { reconcile } = await import('../../lib/dns/reconcile.ts');
    const {
      changed = 0,
      plan,
      status,
    } = await reconcile(runner, {
      environment: input.environment,
      platformFile: input.platform,
      cloudflareApiToken: input['cloudflare-api-token'],
      zoneId: input['zone-id'],
      sources: input.sources,
      manifests: input.manifests,
      status: input.status,
      resolver: input.resolver,
      target: input.target,
      clusterId: input['cluster-id'],
      kubeconfig: input.kubeconfig,
      exoscaleApiKey: input['exoscale-api-key'],
      exoscaleApiSecret: input['exoscale-api-secret'],
      allowDeletes: input['allow-deletes'],
      dryRun: input['dry-run'],
    });
    return {
      changed: String(changed),
      ...(plan && { plan: JSON.stringify(plan) }),
      ...(status && { status: JSON.stringify(status) }),
    };
  },
});

if (import.meta.main) await start(action);
