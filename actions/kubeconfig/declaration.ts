// Written by `npm run docs` from action.yml: change that file, not this one.
import type { Declaration } from '../../lib/runner/action.ts';

export const declaration = {
  name: 'kubeconfig',
  description: 'Asks Exoscale for a kubeconfig that lives for minutes, and removes it when the job ends',
  inputs: {
    environment: { description: 'The environment in platform.yaml', required: true },
    platform: { description: 'The file that describes the platform', default: 'platform.yaml' },
    'ttl-minutes': { description: 'How long the kubeconfig opens the cluster, in minutes', default: '10' },
    'exoscale-api-key': { description: 'The key of an Exoscale IAM role that may issue kubeconfigs' },
    'exoscale-api-secret': { description: 'The secret of that key' },
  },
  outputs: {
    kubeconfig: { description: 'The path of the kubeconfig, which nobody else can read' },
    'expires-at': { description: 'When it stops working, as an ISO 8601 time' },
  },
} as const satisfies Declaration;
