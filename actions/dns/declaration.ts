// Written by `npm run docs` from action.yml: change that file, not this one.
import type { Declaration } from '../../lib/runner/action.ts';

export const declaration = {
  name: 'dns',
  description:
    'Makes the DNS records of a zone at Cloudflare follow the ingress hosts of a cluster, and touches no record that it does not own',
  inputs: {
    environment: { description: 'The environment in platform.yaml', required: true },
    platform: { description: 'The file that describes the platform', default: 'platform.yaml' },
    'cloudflare-api-token': {
      description: 'A Cloudflare API token that may edit the DNS of the zone',
      required: true,
    },
    'zone-id': {
      description: 'The id of the zone at Cloudflare, for a token that may not look zones up by name',
    },
    sources: {
      description:
        'The kinds of objects whose hosts get records, of ingress, ingressroute, ingressroutetcp, httproute and service',
      default: 'ingress, ingressroute, ingressroutetcp',
    },
    manifests: {
      description:
        'A folder of manifests, kustomizations and Argo CD Applications to read in place of the cluster, for a dry run or the status',
    },
    target: {
      description:
        "Where hosts lead whose object does not say it, addresses or one host name, NAMESPACE/NAME of the ingress controller's load-balancer Service, or none; without it the address of the environment's load balancer",
    },
    'cluster-id': {
      description:
        "The id of the cluster, which the records carry as part of their owner; without it that of the environment's SKS cluster",
    },
    kubeconfig: { description: 'A kubeconfig file; without it a short-lived one is asked of Exoscale' },
    'exoscale-api-key': {
      description: 'The key of an Exoscale IAM role that may read, and issue kubeconfigs',
    },
    'exoscale-api-secret': { description: 'The secret of that key' },
    'allow-deletes': {
      description: 'Delete records also when that is all of them, or more than 30 % of ten and more names',
      default: 'false',
    },
    'dry-run': { description: 'Show what would change and change nothing', default: 'false' },
    status: {
      description:
        'Show each host with its object, its record and whether that is as wished, and change nothing',
      default: 'false',
    },
    resolver: { description: 'With status, the address of a DNS server that is asked too, such as 1.1.1.1' },
  },
  outputs: {
    changed: { description: 'How many records were created, changed and deleted' },
    plan: { description: 'What was decided for each name, as JSON' },
    status: {
      description: 'With status, each host with its objects, its records and how it stands, as JSON',
    },
  },
} as const satisfies Declaration;
