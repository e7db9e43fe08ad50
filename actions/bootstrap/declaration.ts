// Written by `npm run docs` from action.yml: change that file, not this one.
import type { Declaration } from '../../lib/runner/action.ts';

export const declaration = {
  name: 'bootstrap',
  description:
    'Seeds a cluster with Argo CD and its first secrets, and waits until everything that Argo CD brings is deployed',
  inputs: {
    environment: { description: 'The environment in platform.yaml', required: true },
    platform: { description: 'The file that describes the platform', default: 'platform.yaml' },
    manifests: {
      description: 'The folder with the manifests, which has argocd and environments in it',
      default: 'manifests',
    },
    kubeconfig: { description: 'A kubeconfig file; without it a short-lived one is asked of Exoscale' },
    'exoscale-api-key': {
      description: 'The key of an Exoscale IAM role that may issue kubeconfigs and database users',
    },
    'exoscale-api-secret': { description: 'The secret of that key' },
    'repository-token': {
      description:
        'A token that may read the repositories of the platform and its services, for Argo CD; needed when they are private',
    },
    'registry-token': {
      description:
        "A GitHub token that may read the services' images at ghcr.io, with which the cluster pulls them; needed when they are private; no other registry gets it",
    },
    'cloudflare-api-token': {
      description:
        'A Cloudflare API token that may edit the DNS of the zone, for cert-manager; without it none is brought',
    },
    until: {
      description:
        'How far to wait; applications (every Application is Synced and Healthy), certificates (and every certificate is issued) or http (and every host answers as it should)',
      default: 'applications',
    },
    target: {
      description:
        "Where the ingress is, an address or a host name; without it the environment's load balancer",
    },
    'timeout-minutes': { description: 'How long to wait, in minutes', default: '10' },
    'dry-run': { description: 'Show what would change and change nothing', default: 'false' },
    drift: {
      description:
        "Tell in the environment's issue about drift what would change, and change nothing else; for a schedule",
      default: 'false',
    },
    'github-token': { description: 'With drift, a token that may write issues' },
  },
  outputs: { revision: { description: 'The commit of the platform repository that is deployed' } },
} as const satisfies Declaration;
