import { defineAction } from '../../lib/runner/action.ts';
import { start } from '../../lib/runner/github.ts';
import { declaration } from './declaration.ts';

export const action = defineAction({
  declaration,
  async main(runner, input) {
    const { kubeconfig } = await import('../../lib/cluster/kubeconfig.ts');
    const { path, expiresAt } = await kubeconfig(runner, {
      environment: input.environment,
      platformFile: input.platform,
      ttlMinutes: input['ttl-minutes'],
      exoscaleApiKey: input['exoscale-api-key'],
      exoscaleApiSecret: input['exoscale-api-secret'],
    });
    return { kubeconfig: path, 'expires-at': expiresAt.toISOString() };
  },
  async post(runner) {
    const { forget } = await import('../../lib/cluster/kubeconfig.ts');
    await forget(runner);
  },
});

if (import.meta.main) await start(action);
