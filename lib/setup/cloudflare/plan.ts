import type { ZoneAccess } from '../../cloudflare/access.ts';
import { listed, type Reading, type Row, rowsOf, toExport } from '../row.ts';
import { type CloudflareWorld, secretName, type TokenWorld } from './observe.ts';

const row = rowsOf('Cloudflare');

const editing = '#dns_records:edit';
const reading = '#dns_records:read';
const another = ({ looksOnly }: TokenWorld) =>
  `make a token with Zone, Zone, Read and Zone, DNS, ${looksOnly ? 'Read' : 'Edit'} for the zones of platform.yaml at https://dash.cloudflare.com/profile/api-tokens`;

/** Pure. */
export function planCloudflare({ tokens, unset }: CloudflareWorld): Row[] {
  return [
    ...unset.map(({ environments, variable }) =>
      row(`token of ${listed(environments)}`, 'unknown', `not looked at: ${variable} is not set here`, {
        todo: toExport([variable]),
      }),
    ),
    ...tokens.flatMap(token => tokenRows(token, tokens.length > 1)),
  ];
}

/** Secrets that are not to be set as they are in the terminal, with the environments that would get them. */
export function unfitTokens({ tokens }: CloudflareWorld): [secret: string, environments: string[]][] {
  const unfit = tokens.filter(
    token =>
      tokenRows(token, false)[0]?.state === 'wrong' ||
      ![...token.zones.values()].every(zone => isEnough(token, zone)),
  );
  return [[secretName, unfit.flatMap(({ environments }) => environments)]];
}

/** As far as Cloudflare tells; a zone to which nobody is led yet is none of the token's faults. */
const isEnough = (token: TokenWorld, zone: Reading<ZoneAccess | undefined>): boolean =>
  'value' in zone && zone.value !== undefined && may(token, zone.value.permissions) !== false;

/** Whoever may edit may read; undefined when Cloudflare does not tell. */
const may = ({ looksOnly }: TokenWorld, permissions: readonly string[] | undefined) =>
  permissions && (permissions.includes(editing) || (looksOnly && permissions.includes(reading)));

function tokenRows(token: TokenWorld, isOneOfMany: boolean): Row[] {
  const { environments, status, zones } = token;
  const name = `token of ${listed(environments)}`;
  const seen = [...zones.values()].some(zone => 'value' in zone && zone.value);
  const first = (): Row => {
    if ('unreadable' in status) return row(name, 'wrong', status.unreadable, { todo: another(token) });
    if (status.value === 'active') return row(name, 'ok', 'active');
    if (status.value !== undefined)
      return row(name, 'wrong', `it is ${status.value}`, { todo: another(token) });
    return seen
      ? row(name, 'ok', "an account's, and it is let in")
      : row(name, 'wrong', 'Cloudflare does not know it', { todo: another(token) });
  };
  const head = first();
  // What a token that is not let in does not see says nothing about the zones.
  if (head.state === 'wrong') return [head];
  const suffix = isOneOfMany ? ` (${listed(environments)})` : '';
  return [
    head,
    ...[...zones].map(([zone, reading]) => zoneRow(token, `zone ${zone}${suffix}`, zone, reading)),
  ];
}

function zoneRow(
  token: TokenWorld,
  name: string,
  zone: string,
  reading: Reading<ZoneAccess | undefined>,
): Row {
  if ('unreadable' in reading) return row(name, 'unknown', `not read: ${reading.unreadable}`);
  if (!reading.value)
    return row(name, 'missing', 'the token does not see it', {
      todo: `add ${zone} at https://dash.cloudflare.com, correct "dns" in platform.yaml, or ${another(token)}`,
    });
  const { status, nameServers, permissions } = reading.value;
  if (status !== 'active')
    return row(name, 'wrong', `it is ${status}: nobody is led to it yet`, {
      todo: `let the registrar of ${zone} name ${listed(nameServers)}`,
    });
  const verb = token.looksOnly ? 'read' : 'edit';
  if (!permissions)
    return row(
      name,
      'unknown',
      `active; Cloudflare does not tell whether the token may ${token.looksOnly ? 'read its records' : 'edit it'}`,
    );
  if (!may(token, permissions))
    return row(name, 'wrong', `the token may not ${verb} its records`, { todo: another(token) });
  if (token.looksOnly && permissions.includes(editing))
    return row(name, 'warning', 'active; its records are only looked at, and the token may edit them', {
      todo: another(token),
    });
  return row(name, 'ok', `active, and its records may be ${token.looksOnly ? 'read' : 'edited'}`);
}
