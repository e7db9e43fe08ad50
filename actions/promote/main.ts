import { defineAction } from '../../lib/runner/action.ts';
import { start } from '../../lib/runner/github.ts';
import { declaration } from './declaration.ts';

export const action = defineAction({
  declaration,
  async main(runner, input) {
    const { promote } = await import('../../lib/promotion/promote.ts');
    const { changed, pullRequest, commit, diff } = await promote(runner, {
      environment: input.environment,
      platformFile: input.platform,
      service: input.service,
      image: input.image,
      revision: input.revision,
      githubToken: input['github-token'],
      dryRun: input['dry-run'],
    });
    return {
      changed: String(changed),
      diff,
      ...(pullRequest !== undefined && { 'pull-request': String(pullRequest) }),
      ...(commit !== undefined && { commit }),
    };
  },
});

if (import.meta.main) await start(action);
