import { defineAction } from '../../lib/runner/action.ts';
import { start } from '../../lib/runner/github.ts';
import { declaration } from './declaration.ts';

export const action = defineAction({
  declaration,
  async main(runner, input) {
    const { reconcile } = await import('../../lib/dns/reconcile.ts');
    await reconcile(runner, {
      environment: input.environment,
      platformFile: input.platform,
      cloudflareApiToken: input['cloudflare-api-token'],
      owner: input.owner,
      zones: input.zones,
      zoneId: input['zone-id'],
      sources: input.sources,
      manifests: input.manifests,
      status: input.status,
      resolver: input.resolver,
      target: input.target,
      ttl: input.ttl,
      proxied: input.proxied,
      clusterId: input['cluster-id'],
      kubeconfig: input.kubeconfig,
      exoscaleApiKey: input['exoscale-api-key'],
      exoscaleApiSecret: input['exoscale-api-secret'],
      adopt: input.adopt,
      takeOver: input['take-over'],
      txtOwners: input['txt-owners'],
      txtPrefix: input['txt-prefix'],
      txtSuffix: input['txt-suffix'],
      txtWildcardReplacement: input['txt-wildcard-replacement'],
      txtEncryptAesKey: input['txt-encrypt-aes-key'],
      allowDeletes: input['allow-deletes'],
      dryRun: input['dry-run'],
      drift: input.drift,
      githubToken: input['github-token'],
    });
    return {};
  },
});

if (import.meta.main) await start(action);
