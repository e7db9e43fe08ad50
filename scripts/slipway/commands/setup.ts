import { type Declaration, defineAction } from '../../../lib/runner/action.ts';
import { setup } from '../../../lib/setup/setup.ts';

const declaration = {
  name: 'setup',
  description:
    "What a new team's accounts still need: a row for everything that platform.yaml and the workflows ask of GitHub, Exoscale and Cloudflare. With --apply it makes what can be made. Secrets come from the terminal's variables; docs/getting-started.md says which",
  inputs: {
    apply: { description: 'Make what is missing. Without it nothing is changed', default: 'false' },
    reviewer: { description: 'Logins, one a line, who approve deployments where a reviewer is wanted' },
    rotate: { description: 'Names of secrets, one a line, that are set although they are there' },
    json: { description: 'The same for programs', default: 'false' },
    platform: { description: 'The file that describes the platform', default: 'platform.yaml' },
    'github-token': { description: 'A token that may administer the repository' },
  },
  outputs: {},
} as const satisfies Declaration;

/** A command of the terminal alone: no workflow may make its own rules. */
export const action = defineAction({
  declaration,
  async main(runner, { apply, reviewer, rotate, json, platform, 'github-token': githubToken }) {
    const isWrong = await setup(runner, {
      ...{ platformFile: platform, githubToken, apply, json, tools: false },
      ...{
        reviewers: lines(reviewer),
        rotate: lines(rotate),
        variables: process.env,
        columns: process.stdout.columns,
      },
    });
    if (apply && isWrong) process.exitCode = 1;
    return {};
  },
});

const lines = (text = ''): string[] => text.split('\n').filter(line => line.trim() !== '');
