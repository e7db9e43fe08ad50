import { closest } from './closest.ts';
import type { Path } from './load.ts';
import { promotionMistakes } from './promotion.ts';
import { dnsZones, type PlatformFile } from './schema.ts';

interface Broken {
  path: Path;
  message: string;
}

/** What a schema cannot say: names that must exist elsewhere in the file, and facts that must agree. */
export function references(platform: PlatformFile): Broken[] {
  const environments = Object.entries(platform.environments);
  return [
    ...environments.flatMap(([name, { domain, promote }]) => [
      ...outsideZones(platform, name, domain),
      ...sameDomain(environments, name, domain),
      ...(promote ? promotion(platform, name, promote.from) : []),
    ]),
    ...promotionMistakes(platform),
  ];
}

function outsideZones({ dns }: PlatformFile, environment: string, domain: string): Broken[] {
  const zones = dnsZones(dns);
  if (zones.some(zone => domain === zone || domain.endsWith(`.${zone}`))) return [];
  const where =
    zones.length === 1
      ? `is not in the DNS zone "${dns.zone}"`
      : `is in none of the DNS zones ${zones.map(zone => `"${zone}"`).join(', ')}`;
  return [
    {
      path: ['environments', environment, 'domain'],
      message: `"${domain}" ${where}: choose another domain, change dns.zone, or add its own to dns.further-zones`,
    },
  ];
}

function sameDomain(
  environments: [string, { domain: string }][],
  environment: string,
  domain: string,
): Broken[] {
  const first = environments.find(([, other]) => other.domain === domain)?.[0];
  if (first === undefined || first === environment) return [];
  return [
    {
      path: ['environments', environment, 'domain'],
      message: `"${domain}" is the domain of "${first}" already: give each environment its own`,
    },
  ];
}

function promotion({ environments }: PlatformFile, environment: string, from: string): Broken[] {
  const path = ['environments', environment, 'promote', 'from'];
  if (!Object.hasOwn(environments, from)) {
    const hint = closest(from, Object.keys(environments));
    return [
      {
        path,
        message: `There is no environment "${from}": ${hint ? `did you mean "${hint}"?` : `it must be one of ${Object.keys(environments).join(', ')}`}`,
      },
    ];
  }
  const seen = [environment];
  for (let at: string | undefined = from; at !== undefined; at = environments[at]?.promote?.from) {
    if (at === environment) {
      return [
        {
          path,
          message: `Promotions go in a circle (${[...seen, at].join(' ← ')}): one environment must come first`,
        },
      ];
    }
    if (seen.includes(at)) return []; // a circle further up: told there
    seen.push(at);
  }
  return [];
}
