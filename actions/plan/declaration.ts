// Written by `npm run docs` from action.yml: change that file, not this one.
import type { Declaration } from '../../lib/runner/action.ts';

export const declaration = {
  name: 'plan',
  description:
    "Plans an environment with Terraform and shows the plan in the log, on the run's page and as a comment on the pull request",
  inputs: {
    environment: { description: 'The environment in platform.yaml', required: true },
    platform: { description: 'The file that describes the platform', default: 'platform.yaml' },
    directory: { description: "The folder with Terraform's root module", default: 'terraform' },
    'exoscale-api-key': { description: 'The key of an Exoscale IAM role that may read' },
    'exoscale-api-secret': { description: 'The secret of that key' },
    'github-token': {
      description:
        "A token that may write comments on pull requests; without one the plan is in the log and on the run's page only",
    },
    'dry-run': { description: 'Show what would change and change nothing', default: 'false' },
  },
  outputs: {
    changes: { description: 'Whether an apply would change anything, true or false' },
    create: { description: 'How many resources would be created' },
    update: { description: 'How many resources would be updated in place' },
    replace: { description: 'How many resources would be destroyed and created anew' },
    destroy: { description: 'How many resources would be destroyed' },
    summary: { description: 'The plan in one line' },
  },
} as const satisfies Declaration;
