import type { ZoneAccess } from '../../cloudflare/access.ts';
import { listed, type Reading, type Row, rowsOf } from '../row.ts';
import { type CloudflareWorld, secretName, type TokenWorld } from './observe.ts';

const row = rowsOf('Cloudflare');

const editing = '#dns_records:edit';
const another =
  'make a token with Zone, Zone, Read and Zone, DNS, Edit for the zones of platform.yaml at https://dash.cloudflare.com/profile/api-tokens';

/** Pure. */
export function planCloudflare({ tokens, unset }: CloudflareWorld): Row[] {
  return [
    ...unset.map(({ environments, variable }) =>
      row(`token of ${listed(environments)}`, 'unknown', `not looked at: ${variable} is not set here`),
    ),
    ...tokens.flatMap(token => tokenRows(token, tokens.length > 1)),
  ];
}

/** Secrets that are not to be set as they are in the terminal, with the environments that would get them. */
export function unfitTokens({ tokens }: CloudflareWorld): [secret: string, environments: string[]][] {
  const unfit = tokens.filter(
    token => tokenRows(token, false)[0]?.state === 'wrong' || ![...token.zones.values()].every(mayEdit),
  );
  return [[secretName, unfit.flatMap(({ environments }) => environments)]];
}

/** As far as Cloudflare tells; a zone to which nobody is led yet is none of the token's faults. */
const mayEdit = (zone: Reading<ZoneAccess | undefined>): boolean =>
  'value' in zone && zone.value !== undefined && zone.value.permissions?.includes(editing) !== false;

function tokenRows({ environments, status, zones }: TokenWorld, isOneOfMany: boolean): Row[] {
  const name = `token of ${listed(environments)}`;
  const seen = [...zones.values()].some(zone => 'value' in zone && zone.value);
  const first = (): Row => {
    if ('unreadable' in status) return row(name, 'wrong', status.unreadable, { todo: another });
    if (status.value === 'active') return row(name, 'ok', 'active');
    if (status.value !== undefined) return row(name, 'wrong', `it is ${status.value}`, { todo: another });
    return seen
      ? row(name, 'ok', "an account's, and it is let in")
      : row(name, 'wrong', 'Cloudflare does not know it', { todo: another });
  };
  const head = first();
  // What a token that is not let in does not see says nothing about the zones.
  if (head.state === 'wrong') return [head];
  const suffix = isOneOfMany ? ` (${listed(environments)})` : '';
  return [head, ...[...zones].map(([zone, reading]) => zoneRow(`zone ${zone}${suffix}`, zone, reading))];
}

function zoneRow(name: string, zone: string, reading: Reading<ZoneAccess | undefined>): Row {
  if ('unreadable' in reading) return row(name, 'unknown', `not read: ${reading.unreadable}`);
  if (!reading.value)
    return row(name, 'missing', 'the token does not see it', {
      todo: `add ${zone} at https://dash.cloudflare.com, correct "dns" in platform.yaml, or ${another}`,
    });
  const { status, nameServers, permissions } = reading.value;
  if (status !== 'active')
    return row(name, 'wrong', `it is ${status}: nobody is led to it yet`, {
      todo: `let the registrar of ${zone} name ${listed(nameServers)}`,
    });
  if (!permissions)
    return row(name, 'unknown', 'active; Cloudflare does not tell whether the token may edit it');
  return permissions.includes(editing)
    ? row(name, 'ok', 'active, and its records may be edited')
    : row(name, 'wrong', 'the token may not edit its records', { todo: another });
}
