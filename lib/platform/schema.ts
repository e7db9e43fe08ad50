import { type Static, type TProperties, type TSchema, Type } from 'typebox';

// Closed objects everywhere: a misspelt key that is silently ignored is the error nobody finds. Each description
// completes the sentence "… is not DESCRIPTION" in an error, and is what an editor shows.
const closed = <T extends TProperties>(properties: T, description: string) =>
  Type.Object(properties, { additionalProperties: false, description });

const name = (what: string) =>
  Type.String({
    pattern: '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$',
    description: `${what}: lower-case letters, digits and dashes, at most 40`,
  });

const hostName = (what: string) =>
  Type.String({
    pattern: '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$',
    maxLength: 253,
    description: `${what}: a lower-case host name`,
  });

const repository = (what: string) =>
  Type.String({
    pattern: '^https://github\\.com/[\\w.-]+/[\\w.-]+$',
    description: `${what}, as https://github.com/OWNER/NAME`,
  });

// https://www.exoscale.com/datacenters/
const zone = (what: string) =>
  Type.Enum(['at-vie-1', 'at-vie-2', 'bg-sof-1', 'ch-dk-2', 'ch-gva-2', 'de-fra-1', 'de-muc-1', 'hr-zag-1'], {
    description: `the Exoscale zone ${what}`,
  });

const tags = closed(
  {
    semver: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'a range of semantic versions as npm writes it (^1.4, ">=2 <3"); pre-releases only where the range names one',
      }),
    ),
    pattern: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'a regular expression for the whole tag; its first group is what `semver` and `newest` look at',
      }),
    ),
    newest: Type.Optional(
      Type.Enum(['numeric', 'alphabetical', 'commits'], {
        description: 'how to tell the newer of two builds: numeric, alphabetical or commits (by ancestry)',
      }),
    ),
  },
  'which tags may be promoted: semver, pattern, newest',
);

const service = closed(
  {
    repository: repository("the service's own repository"),
    path: Type.Optional(
      Type.String({
        pattern: '^[\\w-][\\w./-]*$',
        description: 'the folder in that repository that holds its kustomization; `deploy` unless told',
      }),
    ),
    image: Type.String({
      pattern: '^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+$',
      description: 'the image without tag and digest, as registry/owner/name',
    }),
    host: hostName("the first part of the service's host, before the environment's domain"),
    tags: Type.Optional(tags),
  },
  'a service: its repository, image and host',
);

// https://developer.hashicorp.com/terraform/cli/state/resource-addressing
const addressPattern = Type.String({
  pattern: '^[\\w*-]+(\\[("[^"]+"|[\\d*]+)\\])?(\\.[\\w*-]+(\\[("[^"]+"|[\\d*]+)\\])?)+$',
  description:
    'an address of Terraform\'s, as exoscale_dbaas.* or module.shop["a"].exoscale_nlb.ingress; a * stands for any text within one step',
});

const moment = (what: string) =>
  Type.String({
    pattern:
      '^((mon|tue|wed|thu|fri|sat|sun)( ([01]\\d|2[0-3]):[0-5]\\d)?|\\d{4}-\\d\\d-\\d\\d( ([01]\\d|2[0-3]):[0-5]\\d)?)$',
    description: `${what}: a weekday or a date, with a time or without (fri 16:00, 2026-12-24)`,
  });

const duration = (what: string) =>
  Type.String({
    pattern: '^(?=\\d)(\\d{1,4}d)?(\\d{1,4}h)?(\\d{1,4}m)?(\\d{1,5}s)?$',
    description: `${what}, in days, hours, minutes and seconds (30m, 1h30m, 2d)`,
  });

/** What a promotion must pass before it is written. */
const gates = {
  healthy: Type.Optional(
    Type.Boolean({
      description: 'true when the version must be Synced and Healthy in the environment that it comes from',
    }),
  ),
  soak: Type.Optional(duration('how long the version must have been healthy there without a break')),
  freeze: Type.Optional(
    Type.Array(
      closed(
        {
          from: moment('when the freeze begins'),
          to: moment('when it ends; what begins then is free again'),
          'time-zone': Type.String({
            pattern: '^[A-Za-z][\\w+/-]*$',
            description: 'the IANA time zone of the clock that is meant (Europe/Zurich)',
          }),
          reason: Type.String({ minLength: 1, maxLength: 200, description: 'the reason, in one line' }),
        },
        'a time without promotions: from, to, time-zone, reason',
      ),
      { description: 'when nothing is promoted: a list of windows, weekly or dated' },
    ),
  ),
  approval: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: "the environment of GitHub's that the run must be approved for",
    }),
  ),
  attestation: Type.Optional(
    closed(
      {
        workflow: Type.String({
          pattern: '^([\\w.-]+/[\\w.-]+/)?\\.github/workflows/[\\w.-]+\\.ya?ml$',
          description:
            "the workflow that must have built the image, in the service's repository (.github/workflows/release.yml) or in another (OWNER/NAME/.github/workflows/build.yml)",
        }),
        ref: Type.Optional(
          Type.String({
            pattern: '^refs/(heads|tags)/[\\w./*+-]+$',
            description:
              'the branch or tag that the workflow must be of (refs/heads/main); a * stands for any text',
          }),
        ),
        'trusted-root': Type.Optional(
          Type.String({
            minLength: 1,
            description:
              "a file beside platform.yaml with the trusted root of a Sigstore instance; Sigstore's public one unless told",
          }),
        ),
      },
      "who must have attested the image's digest: workflow, ref, trusted-root",
    ),
  ),
  check: Type.Optional(
    closed(
      {
        command: Type.Array(Type.String({ minLength: 1 }), {
          minItems: 1,
          description: 'a command and its arguments, as a list',
        }),
        timeout: Type.Optional(duration('how long it may take, 5m unless told')),
      },
      'a command that must succeed for each service: command, timeout',
    ),
  ),
};

const environment = closed(
  {
    zone: zone('in which the cluster stands'),
    domain: hostName('the domain of the hosts in this environment'),
    nodes: closed(
      {
        type: Type.String({
          pattern: '^[a-z0-9]+\\.[a-z0-9-]+$',
          description: 'the instance type of the nodes, as family.size (standard.medium)',
        }),
        // An anti-affinity group, which keeps nodes on different hosts, holds eight instances.
        count: Type.Integer({ minimum: 1, maximum: 8, description: 'the number of nodes, 1 to 8' }),
      },
      'the nodes: type and count',
    ),
    database: closed(
      {
        plan: Type.String({
          pattern: '^[a-z]+-[0-9]+$',
          description: 'the plan of the managed PostgreSQL (hobbyist-2, startup-4, business-8…)',
        }),
      },
      'the managed PostgreSQL: its plan',
    ),
    promote: Type.Optional(
      closed(
        {
          from: name('the environment whose pins this one takes over'),
          by: Type.Enum(['pull-request', 'commit'], {
            description: 'how a promotion arrives: pull-request (its merge is the approval) or commit',
          }),
          services: Type.Optional(
            Type.Enum(['together', 'apart'], {
              description:
                'whether services that move at once travel together, in one pull request or commit, or apart, each in its own; `together` unless told',
            }),
          ),
          ...gates,
        },
        'where promotions come from, how they arrive and what holds them',
      ),
    ),
    protect: Type.Optional(
      Type.Array(addressPattern, {
        description:
          'what no plan may destroy or replace: a list of addresses of resources or modules, with all that is in them; a teardown asks a second time',
      }),
    ),
    'max-destroys': Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'how many resources one plan may destroy or replace, 0 or more',
      }),
    ),
  },
  'an environment: zone, domain, nodes, database',
);

const named = <T extends TSchema>(entry: T, description: string) =>
  Type.Record(Type.String({ pattern: '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$' }), entry, {
    additionalProperties: false,
    minProperties: 1,
    description,
  });

const bucket = (what: string) =>
  Type.String({
    pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
    description: `the bucket that holds ${what}; it must exist already`,
  });

/** The shape of platform.yaml. `npm run docs` writes it as platform.schema.json, for editors. */
export const schema = closed(
  {
    name: name('the name of the platform, first part of every name in Exoscale'),
    repository: repository('the repository that holds this file'),
    state: closed(
      {
        bucket: bucket('the Terraform state'),
        zone: zone('of the bucket'),
      },
      "where Terraform's state is kept: bucket and zone",
    ),
    dumps: Type.Optional(
      closed(
        {
          bucket: bucket('the dumps'),
          zone: zone('of the bucket'),
        },
        'where a teardown keeps the dumps of databases: bucket and zone; those of the state unless told',
      ),
    ),
    dns: closed(
      {
        zone: hostName('the zone at Cloudflare'),
        'further-zones': Type.Optional(
          Type.Array(hostName('a zone at Cloudflare'), {
            uniqueItems: true,
            description: 'more zones whose records follow the ingress hosts, a list of names',
          }),
        ),
        owner: name('the owner that our records carry in their comment'),
      },
      'the DNS zone and the owner of our records in it',
    ),
    services: named(service, 'the services, by name'),
    environments: named(environment, 'the environments, by name'),
  },
  'the platform: services, environments, DNS and state',
);

export type PlatformFile = Static<typeof schema>;
export type Service = Static<typeof service>;
export type Environment = Static<typeof environment>;
export type Promotion = NonNullable<Environment['promote']>;
export type Tags = NonNullable<Service['tags']>;

/** The zones at Cloudflare whose records are ours to write, each once. */
export const dnsZones = ({ zone, 'further-zones': further = [] }: PlatformFile['dns']): string[] => [
  ...new Set([zone, ...further]),
];
