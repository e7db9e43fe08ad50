import { defineAction } from '../../lib/runner/action.ts';
import { UserErrors } from '../../lib/runner/errors.ts';
import { start } from '../../lib/runner/github.ts';
import { declaration } from './declaration.ts';

export const action = defineAction({
  declaration,
  async main(runner, input) {
    const { plan } = await import('../../lib/terraform/plan.ts');
    const { changes, counts, summary, broken } = await plan(runner, {
      environment: input.environment,
      platformFile: input.platform,
      directory: input.directory,
      exoscaleApiKey: input['exoscale-api-key'],
      exoscaleApiSecret: input['exoscale-api-secret'],
      githubToken: input['github-token'],
      planJson: input['plan-json'],
      drift: input.drift,
      protect: input.protect,
      maxDestroys: input['max-destroys'],
      reviewKey: input['review-key'],
      dryRun: input['dry-run'],
    });
    const outputs = {
      changes: String(changes),
      create: String(counts.create),
      update: String(counts.update),
      replace: String(counts.replace),
      destroy: String(counts.destroy),
      summary,
    };
    if (broken.length === 0) return outputs;
    // What the plan would do is put out even so, for whoever goes on after a failure.
    for (const [name, value] of Object.entries(outputs)) runner.output(name, value);
    throw new UserErrors(broken);
  },
});

if (import.meta.main) await start(action);
