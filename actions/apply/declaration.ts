// Written by `npm run docs` from action.yml: change that file, not this one.
import type { Declaration } from '../../lib/runner/action.ts';

export const declaration = {
  name: 'apply',
  description: 'Plans an environment with Terraform, shows the plan and applies just that',
  inputs: {
    environment: { description: 'The environment in platform.yaml', required: true },
    platform: { description: 'The file that describes the platform', default: 'platform.yaml' },
    directory: { description: "The folder with Terraform's root module", default: 'terraform' },
    'exoscale-api-key': { description: 'The key of an Exoscale IAM role that may write' },
    'exoscale-api-secret': { description: 'The secret of that key' },
    'dry-run': { description: 'Show what would change and change nothing', default: 'false' },
  },
  outputs: {
    changed: { description: 'Whether anything was changed, true or false' },
    'cluster-id': { description: 'The id of the SKS cluster' },
    'ingress-ip': { description: 'The address of the load balancer, where DNS records point' },
  },
} as const satisfies Declaration;
