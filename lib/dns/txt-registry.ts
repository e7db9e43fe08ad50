import { createDecipheriv } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import { UserError } from '../runner/errors.ts';

/** How an external-dns was told to write its TXT records, by the flags that it has for this. */
export interface TxtFormat {
  /** `--txt-prefix`, with `%{record_type}` as it stands there. */
  prefix: string;
  /** `--txt-suffix` */
  suffix: string;
  /** `--txt-wildcard-replacement` */
  wildcardReplacement: string;
  /** `--txt-encrypt-aes-key`, as `aesKey` reads it. */
  key?: Buffer | undefined;
}

/** What one TXT record says of the records at a name. */
export interface TxtOwnership {
  owner: string;
  /** `ingress/shop/web` */
  resource: string;
  /** Empty in the format before 0.12, which speaks of every type but AAAA. */
  type: string;
  txt: DnsRecord;
  /** All names with a record of their own that it may be about: that of a host `a-b` may be one of the A records at `b`. */
  names: readonly string[];
}

/** What all TXT records that external-dns has written in a zone say. */
export interface TxtRegistry {
  /** All that say whose a record is; first the one that external-dns itself would find. */
  of(record: Pick<DnsRecord, 'name' | 'type'>): readonly TxtOwnership[];
  /** All that speak of a name. */
  at(name: string): readonly TxtOwnership[];
  /** A TXT that may be about this name as well, for it cannot be read, or is about no record if it is read like the others. */
  doubtful(name: string): DnsRecord | undefined;
}

/**
 * Reads external-dns's TXT registry.
 * https://github.com/kubernetes-sigs/external-dns/blob/master/registry/mapper/mapper.go (names),
 * https://github.com/kubernetes-sigs/external-dns/blob/master/endpoint/labels.go (content)
 * @param wished names that are to have a record, so that a TXT of theirs is no riddle
 */
export function txtRegistry(
  records: readonly DnsRecord[],
  format: TxtFormat,
  wished: Iterable<string> = [],
): TxtRegistry {
  const index = new Map<string, TxtOwnership[]>();
  const doubts = new Map<string, DnsRecord>();
  let lost: DnsRecord | undefined;
  // Under the name that a TXT has for it.
  const there = Map.groupBy(
    new Set(records.flatMap(({ type, name }) => (type === 'TXT' ? [] : [name]))),
    name => replaced(name, format),
  );
  const expected = new Set([...wished].map(name => replaced(name, format)));
  for (const txt of records) {
    if (txt.type !== 'TXT') continue;
    const labels = readLabels(txt.content, format.key);
    const [about, ...others] = aboutWhat(txt.name, format);
    if (!labels) {
      if (about && (about.type !== '' || looksSealed(txt.content))) doubts.set(about.name, txt);
      continue;
    }
    const names = [about, ...others].flatMap(each => (each && there.get(each.name)) ?? []);
    for (const { name } of others) doubts.set(name, txt);
    if (names.length === 0 && ![about, ...others].some(each => each && expected.has(each.name))) lost ??= txt;
    if (!about) continue;
    const list = index.get(about.name) ?? [];
    const { owner = '', resource = '' } = labels;
    list.push({ owner, resource, type: about.type, txt, names: [...new Set(names)] });
    index.set(about.name, list);
  }
  const at = (name: string): readonly TxtOwnership[] => index.get(replaced(name, format)) ?? [];
  return {
    at,
    of({ name, type }) {
      const found = at(name);
      const older = type === 'AAAA' ? [] : found.filter(each => each.type === '');
      return [...found.filter(each => each.type === type), ...older];
    },
    doubtful: name => doubts.get(replaced(name, format)) ?? lost,
  };
}

/**
 * @param text 32 characters, or 32 bytes in base64
 * @throws UserError for anything else, without the key
 */
export function aesKey(text: string): Buffer {
  const plain = Buffer.from(text);
  const key = plain.length === 32 ? plain : Buffer.from(text, 'base64');
  if (key.length === 32) return key;
  throw new UserError(
    'Input "txt-encrypt-aes-key" is no AES-256 key: give what external-dns has as --txt-encrypt-aes-key, 32 characters or their base64',
  );
}

const template = '%{record_type}';
const types = ['A', 'AAAA', 'CNAME', 'NS', 'MX', 'PTR', 'SRV', 'NAPTR'];

/** A wildcard's TXT may have another first label: `*` is not allowed in every name. */
function replaced(name: string, { wildcardReplacement }: TxtFormat): string {
  return wildcardReplacement !== '' && name.startsWith('*.')
    ? `${wildcardReplacement.toLowerCase()}${name.slice(1)}`
    : name;
}

interface About {
  name: string;
  type: string;
}

/**
 * Which record a TXT of this name speaks of, the inverse of how external-dns names it: first as external-dns reads it, then
 * in the other ways in which it may have come to this name.
 */
function aboutWhat(txtName: string, format: TxtFormat): About[] {
  const prefix = format.prefix.toLowerCase();
  const suffix = format.suffix.toLowerCase();
  const name = txtName.toLowerCase();
  if (suffix === '') return without(name, prefix, '');
  // The suffix ends the first label, and may have dots of its own.
  const labels = name.split('.');
  const dots = suffix.split('.').length;
  return without(labels.slice(0, dots).join('.'), '', suffix).map(({ name, type }) => ({
    ...{ type, name: [name, ...labels.slice(dots)].join('.') },
  }));
}

function without(name: string, prefix: string, suffix: string): About[] {
  const strip = (before: string, after: string): string | undefined =>
    name.startsWith(before) && name.endsWith(after)
      ? name.slice(before.length, name.length - after.length)
      : undefined;
  const templated = `${prefix}${suffix}`.includes(template) ? types : [];
  const typed = templated.flatMap((type): About[] => {
    const as = (affix: string) => affix.replaceAll(template, type.toLowerCase());
    const bare = strip(as(prefix), as(suffix));
    return bare === undefined ? [] : [{ name: bare, type }];
  });
  const bare = strip(prefix.replaceAll(template, ''), suffix.replaceAll(template, ''));
  if (bare === undefined) return typed;
  const first = bare.split('-')[0] ?? '';
  const type = types.find(each => each.toLowerCase() === first);
  const literal = { name: bare, type: '' };
  return [...typed, ...(type ? [{ name: bare.slice(first.length + 1), type }] : []), literal];
}

/** Labels that external-dns has sealed are some hundred bytes in base64, and nothing else. */
const looksSealed = (content: string): boolean => /^"?[A-Za-z0-9+/]{80,}={0,2}"?$/.test(content);

interface Labels {
  owner?: string;
  resource?: string;
}

function readLabels(content: string, key: Buffer | undefined): Labels | undefined {
  // A long text is several quoted strings, which count as one.
  const text = content.replace(/"\s+"/g, '').replace(/^"|"$/g, '');
  return plain((key && decrypted(text, key)) ?? text);
}

function plain(text: string): Labels | undefined {
  const pairs = text.split(',').map(token => token.split('='));
  const values = new Map(
    pairs.flatMap(([name, value, ...rest]) => (name && value && rest.length === 0 ? [[name, value]] : [])),
  );
  if (values.get('heritage') !== 'external-dns') return undefined;
  const owner = values.get('external-dns/owner');
  const resource = values.get('external-dns/resource');
  return { ...(owner && { owner }), ...(resource && { resource }) };
}

/** AES-256-GCM of gzip: 12 bytes nonce, the text, 16 bytes tag. Undefined for what this key has not sealed. */
function decrypted(text: string, key: Buffer): string | undefined {
  const sealed = Buffer.from(text, 'base64');
  if (sealed.length <= 28) return undefined;
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
    cipher.setAuthTag(sealed.subarray(-16));
    const zipped = Buffer.concat([cipher.update(sealed.subarray(12, -16)), cipher.final()]);
    return gunzipSync(zipped).toString();
  } catch {
    return undefined;
  }
}
