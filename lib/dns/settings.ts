import { dnsZones, type PlatformFile } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
import { gathering } from '../runner/gather.ts';
import { type Fallback, parseFallback } from './fallback.ts';
import { words } from './host.ts';
import { clusterHash, isOwner } from './marker.ts';
import type { Succession } from './ownership.ts';
import { type Resolve, resolverAt } from './resolve.ts';
import { parseSources, type SourceName } from './sources.ts';
import { aesKey } from './txt-registry.ts';
import type { Defaults } from './wanted.ts';
import { isZoneId, type NamedZone, parseZones } from './zones.ts';

/** The inputs that say which hosts get what records, where and whose, as they were given. */
export interface SettingInputs {
  owner?: string | undefined;
  zones?: string | undefined;
  /** Of the only zone. */
  zoneId?: string | undefined;
  /** As `parseSources` takes it. */
  sources: string;
  /** A folder whose manifests are read in place of the cluster. Nothing is written then. */
  manifests?: string | undefined;
  /** As `parseFallback` takes it. */
  target?: string | undefined;
  ttl: string;
  proxied: boolean;
  adopt: boolean;
  /** Ids of clusters that are gone. */
  takeOver?: string | undefined;
  txtOwners?: string | undefined;
  txtPrefix?: string | undefined;
  txtSuffix?: string | undefined;
  txtWildcardReplacement?: string | undefined;
  txtEncryptAesKey?: string | undefined;
  dryRun: boolean;
  /** Shows how each host stands in place of changing anything. */
  status: boolean;
  /** Tells in an issue what a dry run would show, and changes nothing else. */
  drift: boolean;
  /** For the status: a DNS server that is asked too. */
  resolver?: string | undefined;
}

export interface Settings {
  owner: string;
  zones: NamedZone[];
  sources: SourceName[];
  /** Undefined when nobody has said where hosts lead. */
  fallback: Fallback | undefined;
  defaults: Defaults;
  succession: Succession;
  resolve: Resolve | undefined;
}

/**
 * What the inputs and, where there is one, platform.yaml say together; the inputs come first.
 * @param dns 'unknown' when platform.yaml has mistakes of its own: then what it may say is not missed
 * @throws UserErrors with everything that is wrong or missing
 */
export function settle(inputs: SettingInputs, dns: PlatformFile['dns'] | 'unknown' | undefined): Settings {
  const { add, attempt, tell } = gathering();
  const given = <T>(text: string | undefined, read: (text: string) => T): T | undefined =>
    text === undefined ? undefined : attempt(() => read(text));

  const isSaid = (input: string | undefined) => input !== undefined || dns !== 'unknown';
  const said = dns === 'unknown' ? undefined : dns;
  const owner = isSaid(inputs.owner) ? attempt(() => ownerOf(inputs.owner ?? said?.owner)) : undefined;
  const zones = isSaid(inputs.zones) ? attempt(() => zonesFrom(inputs, said)) : undefined;
  const sources = attempt(() => parseSources(inputs.sources));
  const fallback = given(inputs.target, parseFallback);
  const ttl = attempt(() => lifetime(inputs.ttl));
  const succession = {
    takeOver: words(inputs.takeOver).map(clusterHash),
    adopt: inputs.adopt,
    txtOwners: words(inputs.txtOwners),
    txt: {
      ...attempt(() => affixes(inputs)),
      wildcardReplacement: inputs.txtWildcardReplacement ?? '',
      key: given(inputs.txtEncryptAesKey, aesKey),
    },
  };
  const resolve = given(inputs.resolver, resolverAt);
  if (inputs.resolver !== undefined && !inputs.status)
    add(new UserError('Input "resolver" is asked for the status only: add status, or leave it out'));
  const beside = [inputs.status && '"status"', inputs.manifests !== undefined && '"manifests"'].filter(
    Boolean,
  );
  if (inputs.drift && beside.length > 0)
    add(
      new UserError(
        `Input "drift" looks at the cluster and at its records: leave out ${beside.join(' and ')}`,
      ),
    );
  if (inputs.manifests !== undefined && !inputs.dryRun && !inputs.status)
    add(
      new UserError(
        'Manifests say what is to be, not what runs, so no record is written from them: add dry-run or status',
      ),
    );
  tell();
  return {
    ...{ owner, zones, sources, fallback, succession, resolve },
    defaults: { ttl, proxied: inputs.proxied },
  } as Settings; // nothing is undefined that has not left an error, here or in platform.yaml
}

function ownerOf(owner: string | undefined): string {
  if (owner === undefined)
    throw new UserError(
      'Input "owner" is missing: name whose records these are, for it stands in the comment of each',
    );
  if (isOwner(owner)) return owner;
  throw new UserError(
    `Input "owner" is "${owner}": write lower-case letters, digits and dashes, at most 40, the first a letter`,
  );
}

function zonesFrom({ zones, zoneId: id }: SettingInputs, dns: PlatformFile['dns'] | undefined): NamedZone[] {
  const named: NamedZone[] =
    zones === undefined && dns ? dnsZones(dns).map(name => ({ name })) : parseZones(zones ?? '');
  if (named.length === 0)
    throw new UserError(
      'Input "zones" is missing: name the zones at Cloudflare in which records may be written',
    );
  if (id === undefined) return named;
  if (!isZoneId(id))
    throw new UserError(
      `Input "zone-id" is "${id}": write the 32 hexadecimal digits from the zone's overview page`,
    );
  if (named.length === 1) return named.map(({ name }) => ({ name, id }));
  throw new UserError(
    `Input "zone-id" is for one zone, and there are ${named.length}: write each as NAME=ID in "zones" instead`,
  );
}

function lifetime(text: string): number {
  const ttl = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (ttl === 1 || (ttl >= 60 && ttl <= 86_400)) return ttl;
  throw new UserError(`Input "ttl" is "${text}": write seconds from 60 to 86400, or 1 for automatic`);
}

function affixes({ txtPrefix: prefix = '', txtSuffix: suffix = '' }: SettingInputs) {
  if (prefix === '' || suffix === '') return { prefix, suffix };
  throw new UserError(
    'Inputs "txt-prefix" and "txt-suffix" exclude each other: external-dns has one of them',
  );
}
