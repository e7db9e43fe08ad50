import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserErrors } from '../runner/errors.ts';
import { parse } from './load.ts';
import { select, serviceHost } from './platform.ts';

const source = `# the platform
name: shop
repository: https://github.com/acme/platform
state: { bucket: acme-terraform-state, zone: ch-gva-2 }
dns:
  zone: example.com
  owner: shop
services:
  ui: { repository: https://github.com/acme/ui, image: ghcr.io/acme/ui, host: shop }
environments:
  staging:
    zone: ch-gva-2
    domain: staging.example.com
    nodes: { type: standard.medium, count: 2 }
    database: { plan: hobbyist-2 }
  production:
    zone: ch-gva-2
    domain: example.com
    nodes: { type: standard.large, count: 3 }
    database: { plan: startup-4 }
    promote: { from: staging, by: pull-request }
`;

/** The file above with one piece of text changed. */
function mistakes(from: string, to: string): string[] {
  expect(source).toContain(from);
  try {
    parse(source.replace(from, to));
    return [];
  } catch (error) {
    if (!(error instanceof UserErrors)) throw error;
    return error.message.split('\n');
  }
}

test('a sound file is read, and an environment gives names and hosts', () => {
  const platform = parse(source);
  const { resourceName, settings } = select(platform, 'staging');
  expect(resourceName).toBe('shop-staging');
  expect(Object.values(platform.services).map(service => serviceHost(service, settings))).toEqual([
    'shop.staging.example.com',
  ]);
});

test('what no plan may destroy is read', () => {
  const protect = [
    'exoscale_dbaas.*',
    'module.shop["a.b"].exoscale_nlb.ingress',
    'module.shop',
    'a.b[0]',
    'a.b[*]',
  ];
  const text = source.replace(
    'plan: startup-4 }',
    `plan: startup-4 }\n    protect: ${JSON.stringify(protect)}\n    max-destroys: 0`,
  );
  const { settings } = select(parse(text), 'production');
  expect(settings.protect).toEqual(protect);
  expect(settings['max-destroys']).toBe(0);
});

test.each([
  [
    'a misspelt key',
    'nodes: { type',
    'node: { type',
    [
      'platform.yaml:11:3: "nodes" is missing in environments.staging: add the nodes: type and count',
      'platform.yaml:14:5: Unknown key "node" in environments.staging: did you mean "nodes"?',
    ],
  ],
  [
    'a misspelt zone',
    'zone: ch-gva-2 }',
    'zone: ch-gva2 }',
    ['platform.yaml:4:46: "ch-gva2" is not the Exoscale zone of the bucket: did you mean "ch-gva-2"?'],
  ],
  [
    'an environment that does not exist',
    'from: staging',
    'from: stagin',
    ['platform.yaml:21:22: There is no environment "stagin": did you mean "staging"?'],
  ],
  [
    'a promotion from itself',
    'from: staging',
    'from: production',
    [
      'platform.yaml:21:22: Promotions go in a circle (production ← production): one environment must come first',
    ],
  ],
  [
    'a domain outside the zone',
    'domain: staging.example.com',
    'domain: staging.example.org',
    [
      'platform.yaml:13:13: "staging.example.org" is not in the DNS zone "example.com": choose another domain, change dns.zone, or add its own to dns.further-zones',
    ],
  ],
  [
    'a domain outside all zones',
    '  zone: example.com\n',
    '  zone: example.net\n  further-zones: [dev.example.com]\n',
    [
      'platform.yaml:14:13: "staging.example.com" is in none of the DNS zones "example.net", "dev.example.com": choose another domain, change dns.zone, or add its own to dns.further-zones',
      'platform.yaml:19:13: "example.com" is in none of the DNS zones "example.net", "dev.example.com": choose another domain, change dns.zone, or add its own to dns.further-zones',
    ],
  ],
  [
    'one domain twice',
    'domain: staging.example.com',
    'domain: example.com',
    ['platform.yaml:18:13: "example.com" is the domain of "staging" already: give each environment its own'],
  ],
  [
    'text where a number belongs',
    'count: 2',
    'count: two',
    ['platform.yaml:14:44: environments.staging.nodes.count is "two": write the number of nodes, 1 to 8'],
  ],
  [
    'a protected address that is half of one',
    'database: { plan: startup-4 }',
    'database: { plan: startup-4 }\n    protect: [exoscale_dbaas.*, database]',
    [
      'platform.yaml:21:33: environments.production.protect.1 is "database": write an address of Terraform\'s, as exoscale_dbaas.* or module.shop["a"].exoscale_nlb.ingress; a * stands for any text within one step',
    ],
  ],
  [
    'a limit below zero',
    'database: { plan: startup-4 }',
    'database: { plan: startup-4 }\n    max-destroys: -1',
    [
      'platform.yaml:21:19: environments.production.max-destroys is "-1": write how many resources one plan may destroy or replace, 0 or more',
    ],
  ],
  [
    'no value',
    'owner: shop',
    'owner:',
    [
      'platform.yaml:7:9: dns.owner is empty: write the owner that our records carry in their comment: lower-case letters, digits and dashes, at most 40',
    ],
  ],
  [
    'a key given twice',
    '  owner: shop',
    '  owner: shop\n  owner: shop',
    ['platform.yaml:8:3: This is not valid YAML: Map keys must be unique'],
  ],
  [
    'a tab',
    '  owner: shop',
    '\towner: shop',
    [expect.stringContaining('platform.yaml:7:1: This is not valid YAML: ')],
  ],
])('%s is told at its line and column', (_, from, to, expected) => {
  expect(mistakes(from, to)).toEqual(expected);
});

test('a missing key and an unknown one at the same place are two mistakes', () => {
  expect(mistakes('name: shop', 'nam: shop')).toEqual([
    expect.stringMatching(/^platform\.yaml:2:1: "name" is missing/),
    'platform.yaml:2:1: Unknown key "nam": did you mean "name"?',
  ]);
});

test('all mistakes are told in one go, in the order of the file', () => {
  const broken = source
    .replace('name: shop', 'name: Shop')
    .replace('count: 3', 'count: 0')
    .replace('from: staging', 'form: staging');
  try {
    parse(broken);
    expect.unreachable();
  } catch (error) {
    const lines = (error as UserErrors).errors.map(each => each.at?.line);
    expect(lines).toEqual([2, 19, 21, 21]);
  }
});

test.each(['', '[]', 'text', '42', 'null', '- a'])('%j is refused as a whole', text => {
  expect(() => parse(text)).toThrow(/^platform\.yaml:1:1: The file is /);
});

test('no text whatever crashes the loader: it is read or refused', () => {
  const lines = source.split('\n');
  fc.assert(
    fc.property(fc.nat(lines.length - 1), fc.string(), (index, text) => {
      try {
        parse(lines.with(index, text).join('\n'));
      } catch (error) {
        expect(error).toBeInstanceOf(UserErrors);
        for (const { at } of (error as UserErrors).errors) expect(at?.line).toBeGreaterThan(0);
      }
    }),
  );
});

test.each(['constructor', '__proto__', 'toString'])(
  '"%s" is no environment, though every object has it',
  name => {
    const platform = { name: 'shop', environments: { staging: {} } } as unknown as Parameters<
      typeof select
    >[0];
    expect(() => select(platform, name)).toThrow(`There is no environment "${name}"`);
  },
);
