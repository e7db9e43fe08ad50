import type { PlatformFile } from '../platform/platform.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import { clusterHash, isOwner } from './marker.ts';
import type { Succession } from './ownership.ts';
import { aesKey } from './txt-registry.ts';
import type { Defaults } from './wanted.ts';
import { type NamedZone, parseZones, zonesOf } from './zones.ts';

/** The inputs that say whose records are written where, as they were given. */
export interface SettingInputs {
  owner?: string | undefined;
  zones?: string | undefined;
  /** Of the only zone. */
  zoneId?: string | undefined;
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
}

export interface Settings {
  owner: string;
  zones: NamedZone[];
  defaults: Defaults;
  succession: Succession;
}

/**
 * What the inputs and, where there is one, platform.yaml say together; the inputs come first.
 * @throws UserErrors with everything that is wrong or missing
 */
export function settle(inputs: SettingInputs, dns: PlatformFile['dns'] | undefined): Settings {
  const errors: UserError[] = [];
  const wrong = (message: string) => void errors.push(new UserError(message));
  const attempt = <T>(read: () => T, instead: T): T => {
    try {
      return read();
    } catch (error) {
      if (error instanceof UserErrors) errors.push(...error.errors);
      else if (error instanceof UserError) errors.push(error);
      else throw error;
      return instead;
    }
  };

  const owner = inputs.owner ?? dns?.owner;
  if (owner === undefined)
    wrong('Input "owner" is missing: name whose records these are, for it stands in the comment of each');
  else if (!isOwner(owner))
    wrong(`Input "owner" is "${owner}": write lower-case letters, digits and dashes, at most 40`);

  const { zones: given } = inputs;
  const named = given === undefined ? (dns ? zonesOf(dns) : []) : attempt(() => parseZones(given), []);
  if (given === undefined && !dns)
    wrong('Input "zones" is missing: name the zones at Cloudflare in which records may be written');
  if (inputs.zoneId !== undefined && named.length > 1)
    wrong(
      `Input "zone-id" is for one zone, and there are ${named.length}: write each as NAME=ID in "zones" instead`,
    );
  const zones = inputs.zoneId === undefined ? named : named.map(({ name }) => ({ name, id: inputs.zoneId }));

  const ttl = Number(inputs.ttl);
  if (!Number.isInteger(ttl) || (ttl !== 1 && (ttl < 60 || ttl > 86_400)))
    wrong(`Input "ttl" is "${inputs.ttl}": write seconds from 60 to 86400, or 1 for automatic`);

  const { txtEncryptAesKey: key, txtPrefix: prefix = '', txtSuffix: suffix = '' } = inputs;
  if (prefix !== '' && suffix !== '')
    wrong('Inputs "txt-prefix" and "txt-suffix" exclude each other: external-dns has one of them');
  const succession = {
    takeOver: words(inputs.takeOver).map(clusterHash),
    adopt: inputs.adopt,
    txtOwners: words(inputs.txtOwners),
    txt: {
      ...{ prefix, suffix, wildcardReplacement: inputs.txtWildcardReplacement ?? '' },
      key: key === undefined ? undefined : attempt(() => aesKey(key), undefined),
    },
  };
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new UserErrors(errors);
  return { owner: owner ?? '', zones, defaults: { ttl, proxied: inputs.proxied }, succession };
}

const words = (text = ''): string[] => text.split(/[\s,]+/).filter(Boolean);
