import { history } from '../../../lib/promotion/history/history.ts';
import { table } from '../../../lib/promotion/history/table.ts';
import { type Declaration, defineAction } from '../../../lib/runner/action.ts';

const declaration = {
  name: 'history',
  description:
    'Which versions an environment was promoted to, when and by whom. It is read from the git history of the checkout',
  inputs: {
    environment: { description: 'The environment in platform.yaml', required: true },
    service: { description: 'Only this service' },
    json: {
      description: 'The same for programs, with whole commits and the addresses of runs',
      default: 'false',
    },
    platform: { description: 'The file that describes the platform', default: 'platform.yaml' },
  },
  outputs: {},
} as const satisfies Declaration;

/** A command of the terminal alone: a workflow has nothing to do with what is past. */
export const action = defineAction({
  declaration,
  async main(runner, { environment, service, json, platform }) {
    const lines = await history(runner, { environment, service, platformFile: platform });
    if (json) runner.info(JSON.stringify(lines, null, 2));
    else runner.info(lines.length > 0 ? table(lines) : `${environment}: nothing was promoted yet`);
    return {};
  },
});
