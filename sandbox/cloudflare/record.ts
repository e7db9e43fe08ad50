import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { type Static, Type } from 'typebox';
import { errors } from './errors.ts';
import type { Plan } from './zone.ts';

export const types = [
  ...['A', 'AAAA', 'CAA', 'CERT', 'CNAME', 'DNSKEY', 'DS', 'HTTPS', 'LOC', 'MX', 'NAPTR', 'NS', 'OPENPGPKEY'],
  ...['PTR', 'SMIMEA', 'SRV', 'SSHFP', 'SVCB', 'TLSA', 'TXT', 'URI'],
];

const fields = {
  type: Type.String(),
  name: Type.String(),
  content: Type.String(),
  ttl: Type.Number(),
  proxied: Type.Boolean(),
  comment: Type.Union([Type.String(), Type.Null()]),
  tags: Type.Array(Type.String()),
  settings: Type.Record(Type.String(), Type.Unknown()),
  data: Type.Record(Type.String(), Type.Unknown()),
  priority: Type.Integer({ minimum: 0, maximum: 65535 }),
};
// The id in the body of an update is allowed, and ignored, beside the one in the path.
const closed = { additionalProperties: false };
const optional = Type.Partial(Type.Object({ id: Type.String(), ...fields }));

/** The bodies that the API takes. A key that it does not know is a mistake of the client's. */
export const bodies = {
  patch: Type.Object(optional.properties, closed),
  whole: Type.Object({ ...optional.properties, type: fields.type, name: fields.name }, closed),
  batch: Type.Object(
    {
      // "any other fields aside from id will be ignored"
      deletes: Type.Optional(Type.Array(Type.Object({ id: Type.String() }))),
      patches: Type.Optional(Type.Array(Type.Object({ ...optional.properties, id: Type.String() }, closed))),
      puts: Type.Optional(
        Type.Array(
          Type.Object(
            { ...optional.properties, id: Type.String(), type: fields.type, name: fields.name },
            closed,
          ),
        ),
      ),
      posts: Type.Optional(
        Type.Array(Type.Object({ ...optional.properties, type: fields.type, name: fields.name }, closed)),
      ),
    },
    closed,
  ),
};
export type RecordFields = Static<typeof bodies.patch>;
export type WholeRecord = Static<typeof bodies.whole>;
export type Batch = Static<typeof bodies.batch>;

/** A record as the API shows it. */
export interface DnsRecord {
  id: string;
  name: string;
  type: string;
  content: string;
  proxiable: boolean;
  proxied: boolean;
  ttl: number;
  settings: Record<string, unknown>;
  meta: Record<string, unknown>;
  comment: string | null;
  tags: string[];
  data?: Record<string, unknown>;
  priority?: number;
  created_on: string;
  modified_on: string;
  comment_modified_on?: string;
}

/** The same values as the API would store them, or the error it would answer with. */
export function normalise(given: RecordFields, zone: { name: string; plan: Plan }) {
  const type = given.type ?? '';
  if (!types.includes(type)) throw errors.type();
  const name = fullName(given.name ?? '', zone.name);
  const proxiable = ['A', 'AAAA', 'CNAME'].includes(type);
  const proxied = given.proxied ?? false;
  if (proxied && !proxiable) throw errors.notProxiable();
  const ttl = given.ttl ?? 1;
  if (ttl !== 1 && (!Number.isInteger(ttl) || ttl < 60 || ttl > 86_400)) throw errors.ttl();
  const comment = given.comment || null;
  if (comment && [...comment].length > zone.plan.comment) throw errors.comment(zone.plan.comment);
  if (comment && /[\r\n]/.test(comment)) throw errors.commentCharacters();
  const tags = given.tags ?? [];
  if (tags.length > zone.plan.tags) throw errors.tags(tags.length);
  return {
    name,
    type,
    content: contentOf(type, given),
    proxiable,
    proxied,
    ttl: proxied ? 1 : ttl,
    settings: given.settings ?? {},
    comment,
    tags,
    ...(given.data && { data: given.data }),
    ...(given.priority !== undefined && { priority: given.priority }),
  };
}

function contentOf(type: string, { content, data }: RecordFields): string {
  const text = content ?? fromParts(data ?? {});
  if (type === 'A' && !isIPv4(text)) throw errors.ipv4();
  if (type === 'AAAA') {
    if (!isIPv6(text)) throw errors.ipv6();
    return new URL(`http://[${text}]`).hostname.slice(1, -1); // the shortest spelling
  }
  if (['MX', 'NS', 'PTR'].includes(type)) return text.replace(/\.$/, '');
  if (type === 'CNAME') {
    const target = text.replace(/\.$/, '');
    if (isIPv4(target) || !isName(target)) throw errors.alias();
    return domainToASCII(target);
  }
  if (text === '') throw errors.name();
  return text;
}

// The older spelling of an SRV record repeats its name among its parts.
const fromParts = ({ service, proto, name, ...parts }: Record<string, unknown>): string =>
  Object.values(parts).join(' ');

/** In Punycode and below the zone: `www`, `@` and `WWW.Example.com.` are all understood. */
export function fullName(given: string, zone: string): string {
  const stripped = given.trim().replace(/\.$/, '').toLowerCase();
  const whole =
    stripped === '@' || stripped === zone || stripped.endsWith(`.${zone}`) ? stripped : `${stripped}.${zone}`;
  const name = stripped === '@' ? zone : whole;
  if (stripped === '' || !isName(name)) throw errors.name();
  return toASCII(name);
}

function isName(text: string): boolean {
  const ascii = toASCII(text);
  return ascii !== '' && ascii.length <= 253 && /^(\*\.)?([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$/.test(ascii);
}

// domainToASCII refuses "*", which is no name of a host; beside it nothing changes.
const toASCII = (name: string): string =>
  name.startsWith('*.') ? `*.${domainToASCII(name.slice(2))}` : domainToASCII(name);
