import { type Declaration, defineAction } from '../../../lib/runner/action.ts';
import { setup } from '../../../lib/setup/setup.ts';

const declaration = {
  name: 'doctor',
  description:
    'The checks of setup, and the tools of this machine. It only looks, and ends with exit code 1 when something is missing or wrong',
  inputs: {
    json: { description: 'The same for programs', default: 'false' },
    platform: { description: 'The file that describes the platform', default: 'platform.yaml' },
    'github-token': { description: 'A token that may read the settings of the repository' },
  },
  outputs: {},
} as const satisfies Declaration;

export const action = defineAction({
  declaration,
  async main(runner, { json, platform, 'github-token': githubToken }) {
    const isWrong = await setup(runner, {
      ...{ platformFile: platform, githubToken, json, apply: false, tools: true },
      ...{ reviewers: [], rotate: [], variables: process.env, columns: process.stdout.columns },
    });
    if (isWrong) process.exitCode = 1;
    return {};
  },
});
