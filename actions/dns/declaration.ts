// Written by `npm run docs` from action.yml: change that file, not this one.
import type { Declaration } from '../../lib/runner/action.ts';

export const declaration = {
  name: 'dns',
  description:
    'Makes the DNS records of zones at Cloudflare follow the ingress hosts of a cluster, and touches no record that it does not own',
  inputs: {
    environment: {
      description:
        'The environment in platform.yaml; without it that file is not read, and "owner", "zones" and "kubeconfig" say everything',
    },
    platform: { description: 'The file that describes the platform', default: 'platform.yaml' },
    'cloudflare-api-token': {
      description:
        'A Cloudflare API token that may edit the DNS of the zones; for drift, dry-run and status one that may read it is enough. It is always needed',
    },
    owner: {
      description:
        'Whose records these are, as the comment of each says; without it the one in platform.yaml',
    },
    zones: {
      description:
        'The zones at Cloudflare in which records may be written, separated by commas or blanks, each NAME or NAME=ID; without it those of platform.yaml',
    },
    'zone-id': {
      description: 'The id of the only zone at Cloudflare, for a token that may not look zones up by name',
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
    ttl: {
      description:
        'The lifetime of records whose objects do not say another, in seconds from 60 to 86400; 1 is automatic',
      default: '1',
    },
    proxied: {
      description: 'Let Cloudflare proxy the records whose objects do not say otherwise',
      default: 'false',
    },
    'cluster-id': {
      description:
        "The id of the cluster, which the records carry as part of their owner; without it that of the environment's SKS cluster, or without an environment the UID of the namespace kube-system",
    },
    kubeconfig: { description: 'A kubeconfig file; without it a short-lived one is asked of Exoscale' },
    'exoscale-api-key': {
      description: 'The key of an Exoscale IAM role that may read, and issue kubeconfigs',
    },
    'exoscale-api-secret': { description: 'The secret of that key' },
    adopt: {
      description: "Make records ours that are nobody's and lead already where they should",
      default: 'false',
    },
    'take-over': {
      description: "The ids of clusters that are gone, whose records of the same owner become this one's",
    },
    'txt-owners': {
      description:
        "The owners in external-dns's TXT records whose records become ours, where the object that they were written for claims the name in this cluster",
    },
    'txt-prefix': { description: 'What that external-dns has as --txt-prefix' },
    'txt-suffix': { description: 'What that external-dns has as --txt-suffix' },
    'txt-wildcard-replacement': { description: 'What that external-dns has as --txt-wildcard-replacement' },
    'txt-encrypt-aes-key': { description: 'What that external-dns has as --txt-encrypt-aes-key' },
    'allow-deletes': {
      description:
        'Delete records also when that is all of them, more than 30 % of ten and more names, or more than 100 names',
      default: 'false',
    },
    'dry-run': { description: 'Show what would change and change nothing', default: 'false' },
    drift: {
      description:
        "Tell in the environment's issue about drift what would change, and change nothing else; for a schedule",
      default: 'false',
    },
    status: {
      description:
        'Show each host with its object, its record and whether that is as wished, and change nothing',
      default: 'false',
    },
    resolver: { description: 'With status, the address of a DNS server that is asked too, such as 1.1.1.1' },
    'github-token': {
      description:
        'A token that may write pull requests, so that a dry run on one shows its plan there; with drift, one that may write issues',
    },
  },
  outputs: {
    changed: { description: 'How many records were created, changed and deleted' },
    plan: { description: 'What was decided for each name that is not as wished already, by zone, as JSON' },
    status: {
      description: 'With status, each host with its objects, its records and how it stands, as JSON',
    },
  },
} as const satisfies Declaration;
