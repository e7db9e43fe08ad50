// Written by `npm run docs` from action.yml: change that file, not this one.
import type { Declaration } from '../../lib/runner/action.ts';

export const declaration = {
  name: 'teardown',
  description: 'Takes an environment down, with all that it costs, and shows what is left',
  inputs: {
    environment: { description: 'The environment in platform.yaml', required: true },
    platform: { description: 'The file that describes the platform', default: 'platform.yaml' },
    directory: { description: "The folder with Terraform's root module", default: 'terraform' },
    confirm: { description: "The environment's name once more; needed for all but a dry run" },
    'confirm-protected': {
      description: "The environment's domain; needed for one that has `protect` in platform.yaml",
    },
    'confirm-data': {
      description:
        'The name of the database service, of several between commas; needed when one holds anything, which is dumped first if it is PostgreSQL',
    },
    sweep: {
      description:
        "Delete what is left over at the end and carries the platform's mark; what may hold data is only named",
      default: 'false',
    },
    'exoscale-api-key': { description: 'The key of an Exoscale IAM role that may write' },
    'exoscale-api-secret': { description: 'The secret of that key' },
    'cloudflare-api-token': {
      description: 'A Cloudflare API token that may read the zone and edit its DNS records',
    },
    recover: {
      description:
        'Put back the state that an earlier teardown or apply could not upload, and go on from there',
      default: 'false',
    },
    'dry-run': { description: 'Show what would change and change nothing', default: 'false' },
  },
  outputs: {
    leftovers: {
      description:
        "What is still there under the environment's name, as a JSON list of kind, id, name and billable",
    },
    dumps: {
      description:
        "Where the last dumps of the environment's databases are kept, as a JSON list of sos:// addresses",
    },
    'errored-state': {
      description:
        'A file with the sealed state, when neither the state nor this could be uploaded; to be kept as an artifact',
    },
  },
} as const satisfies Declaration;
