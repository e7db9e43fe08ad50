import { createHash } from 'node:crypto';

/** A platform's repository as promotions see it: platform.yaml, and a pin a service and environment. */
export interface PinnedPlatform {
  services: readonly string[];
  /** By name, what its `promote:` says. */
  environments: Record<string, string | undefined>;
  /** `acme/platform` unless told. */
  slug?: string;
  /** The version that a service stands at; `v1.0.0` unless told. */
  version?: (environment: string, service: string) => string;
}

export const pinFile = (environment: string, service: string): string =>
  `manifests/environments/${environment}/${service}.yaml`;

/** The image of a service's version, by a digest that is always the same. */
export const imageAt = (service: string, version: string): string =>
  `ghcr.io/acme/${service}:${version}@sha256:${createHash('sha256').update(version).digest('hex')}`;

/** CRLF, a comment behind the value, quotes, and no newline at the end: all of that stays. */
export const pinText = (service: string, version: string): string =>
  [
    'kind: Application',
    'spec:',
    '  source:',
    `    targetRevision: '${version}' # moved by promotions`,
    '    kustomize:',
    `      images: [ ${service}=${imageAt(service, version)} ]`,
  ].join('\r\n');

export function pinnedPlatform({
  services,
  environments,
  slug = 'acme/platform',
  version,
}: PinnedPlatform): Record<string, string> {
  const names = Object.entries(environments);
  const described = names.map(
    ([name, promote], index) =>
      `  ${name}: { zone: ch-gva-2, domain: e${index}.example.com, nodes: { type: standard.medium, count: 1 }, database: { plan: hobbyist-2 }${promote ? `, promote: ${promote}` : ''} }`,
  );
  const platform = [
    'name: shop',
    `repository: https://github.com/${slug}`,
    'state: { bucket: acme-terraform-state, zone: ch-gva-2 }',
    'dns: { zone: example.com, owner: shop }',
    'services:',
    ...services.map(
      name =>
        `  ${name}: { repository: https://github.com/acme/${name}, image: ghcr.io/acme/${name}, host: ${name} }`,
    ),
    'environments:',
    ...described,
    '',
  ].join('\n');
  const pins = names.flatMap(([environment]) =>
    services.map(service => [
      pinFile(environment, service),
      pinText(service, version?.(environment, service) ?? 'v1.0.0'),
    ]),
  );
  return { 'platform.yaml': platform, ...Object.fromEntries(pins) };
}
