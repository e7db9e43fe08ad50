// Written by `npm run docs` from action.yml: change that file, not this one.
import type { Declaration } from '../../lib/runner/action.ts';

export const declaration = {
  name: 'plan',
  description:
    "Plans an environment with Terraform and shows the plan in the log, on the run's page and as a comment on the pull request",
  inputs: {
    environment: {
      description: 'The environment in platform.yaml; with plan-json only the title, "Terraform" unless told',
    },
    platform: { description: 'The file that describes the platform', default: 'platform.yaml' },
    directory: { description: "The folder with Terraform's root module", default: 'terraform' },
    'plan-json': {
      description:
        'A file with what "terraform show -json PLAN" or "tofu show -json PLAN" printed, to show a plan that another step has made; nothing else of Terraform, Exoscale or platform.yaml is needed then',
    },
    drift: {
      description:
        'Tell in an issue what is not as the configuration says, instead of in a comment; for a schedule',
      default: 'false',
    },
    protect: {
      description:
        'Addresses that no plan may destroy or replace, beside those in platform.yaml, one a line or between commas; a * stands for any text within a step of the address; an apply holds to platform.yaml alone',
    },
    'max-destroys': {
      description:
        'How many resources a plan may destroy or replace, if platform.yaml does not say less; an apply holds to platform.yaml alone',
    },
    'exoscale-api-key': { description: 'The key of an Exoscale IAM role that may read' },
    'exoscale-api-secret': { description: 'The secret of that key' },
    'review-key': {
      description:
        'The repository\'s secret with which the comment keeps what apply compares its own plan with; 32 random bytes, from "openssl rand -base64 32"',
    },
    'github-token': {
      description:
        "A token that may write comments on pull requests (with drift, issues); without one the plan is in the log and on the run's page only",
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
