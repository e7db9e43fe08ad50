import { type Declaration, defineAction } from '../../../lib/runner/action.ts';
import { restore } from '../../../lib/teardown/data/restore.ts';

const declaration = {
  name: 'restore',
  description:
    'Fills the database of an environment from a dump that a teardown has kept. Run it after apply and before bootstrap: a database with tables is left alone',
  inputs: {
    environment: { description: 'The environment in platform.yaml', required: true },
    dump: {
      description:
        "The dump, as a teardown has named it; those of the environment's last teardown unless told",
    },
    platform: { description: 'The file that describes the platform', default: 'platform.yaml' },
    'exoscale-api-key': { description: 'The key of an Exoscale IAM role that may write' },
    'exoscale-api-secret': { description: 'The secret of that key' },
    'dry-run': { description: 'Say what would be restored and change nothing', default: 'false' },
  },
  outputs: {},
} as const satisfies Declaration;

/** A command of the terminal alone: nobody fills a database by a merge. */
export const action = defineAction({
  declaration,
  async main(runner, input) {
    await restore(runner, {
      environment: input.environment,
      platformFile: input.platform,
      dump: input.dump,
      exoscaleApiKey: input['exoscale-api-key'],
      exoscaleApiSecret: input['exoscale-api-secret'],
      dryRun: input['dry-run'],
    });
    return {};
  },
});
