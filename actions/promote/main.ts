import { defineAction, type Inputs } from '../../lib/runner/action.ts';
import { UserError } from '../../lib/runner/errors.ts';
import { start } from '../../lib/runner/github.ts';
import type { Runner } from '../../lib/runner/runner.ts';
import { declaration } from './declaration.ts';

export const action = defineAction({
  declaration,
  async main(runner, input) {
    if (input.file !== undefined) return files(runner, { ...input, file: input.file });
    if (input.environment === undefined) {
      throw new UserError(
        'Input "environment" is missing: give the environment in platform.yaml, or the files to change with file',
      );
    }
    if (input.helm !== undefined) {
      throw new UserError('The input helm is about files: give them with file, or leave it out');
    }
    const { promote } = await import('../../lib/promotion/promote.ts');
    const { changed, pullRequest, commit, diff, held } = await promote(runner, {
      environment: input.environment,
      platformFile: input.platform,
      service: input.service,
      image: input.image,
      revision: input.revision,
      hotfix: input.hotfix,
      downgrade: input.downgrade,
      kubeconfig: input.kubeconfig,
      exoscaleApiKey: input['exoscale-api-key'],
      exoscaleApiSecret: input['exoscale-api-secret'],
      githubToken: input['github-token'],
      dryRun: input['dry-run'],
    });
    return {
      changed: String(changed),
      diff,
      held,
      ...(pullRequest !== undefined && { 'pull-request': String(pullRequest) }),
      ...(commit !== undefined && { commit }),
    };
  },
});

/** Without an environment: the files of the working tree, and nothing else. */
async function files(runner: Runner, input: Inputs<typeof declaration> & { file: string }) {
  const stray = (['environment', 'service'] as const).find(name => input[name] !== undefined);
  if (stray) {
    throw new UserError(
      `The inputs file and ${stray} do not go together: an environment's pins are found by their names`,
    );
  }
  const { promoteFiles } = await import('../../lib/promotion/files/promote-files.ts');
  const { changed, diff } = await promoteFiles(runner, { ...input, dryRun: input['dry-run'] });
  return { changed: String(changed), diff };
}

if (import.meta.main) await start(action);
