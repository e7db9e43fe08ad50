import { strays } from '../../lib/promotion/inputs.ts';
import { defineAction, type Inputs } from '../../lib/runner/action.ts';
import { throwAll, UserError } from '../../lib/runner/errors.ts';
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
      throw new UserError('The input helm is about files: name them with file, or leave it out');
    }
    const { promote } = await import('../../lib/promotion/promote.ts');
    const { changed, pullRequests, closed, commits, diff, held } = await promote(runner, {
      ...input,
      environment: input.environment,
      platformFile: input.platform,
      exoscaleApiKey: input['exoscale-api-key'],
      exoscaleApiSecret: input['exoscale-api-secret'],
      githubToken: input['github-token'],
      dryRun: input['dry-run'],
    });
    return {
      changed: String(changed),
      diff,
      ...(pullRequests.length > 0 && { 'pull-request': pullRequests.join(' ') }),
      ...(commits.length > 0 && { commit: commits.join(' ') }),
      ...(closed.length > 0 && { closed: closed.join(' ') }),
      ...(held.length > 0 && { held: JSON.stringify(held) }),
    };
  },
});

/** Without an environment: the files of the working tree, and nothing else. */
async function files(runner: Runner, input: Inputs<typeof declaration> & { file: string }) {
  throwAll(strays('files', input, 'file'));
  const { promoteFiles } = await import('../../lib/promotion/files/promote-files.ts');
  const { changed, diff } = await promoteFiles(runner, { ...input, dryRun: input['dry-run'] });
  return { changed: String(changed), diff };
}

if (import.meta.main) await start(action);
