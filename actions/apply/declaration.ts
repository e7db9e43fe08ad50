// Written by `npm run docs` from action.yml: change that file, not this one.
import type { Declaration } from '../../lib/runner/action.ts';

export const declaration = {
  name: 'apply',
  description:
    'Plans an environment with Terraform, and applies the plan if it is what the pull request has shown',
  inputs: {
    environment: { description: 'The environment in platform.yaml', required: true },
    platform: { description: 'The file that describes the platform', default: 'platform.yaml' },
    directory: { description: "The folder with Terraform's root module", default: 'terraform' },
    'exoscale-api-key': { description: 'The key of an Exoscale IAM role that may write' },
    'exoscale-api-secret': { description: 'The secret of that key' },
    'review-key': {
      description:
        'The secret with which the plan on the pull request was made; without it a plan is applied whatever was shown',
    },
    'github-token': {
      description: 'A token that may read pull requests, and write comments and deployments',
    },
    'accept-changes': {
      description: 'Apply what is planned now, although the pull request has shown something else or nothing',
      default: 'false',
    },
    recover: {
      description: 'Put back the state that an earlier apply could not upload, and go on from there',
      default: 'false',
    },
    'dry-run': { description: 'Show what would change and change nothing', default: 'false' },
  },
  outputs: {
    changed: { description: 'Whether anything was changed, true or false' },
    'cluster-id': { description: 'The id of the SKS cluster' },
    'ingress-ip': { description: 'The address of the load balancer, where DNS records point' },
    'errored-state': {
      description:
        'A file with the sealed state, when neither the state nor this could be uploaded; to be kept as an artifact',
    },
  },
} as const satisfies Declaration;
