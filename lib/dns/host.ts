import { domainToASCII, domainToUnicode } from 'node:url';
import { shown } from '../runner/text.ts';

/**
 * The name of a record for a host: lower case, in Punycode (https://www.unicode.org/reports/tr46), without a dot at its end; a
 * `*` may stand for the whole first label. Undefined for what is no name at all.
 */
export function recordName(host: string): string | undefined {
  const bare = host.trim().replace(/\.$/, '');
  if (/[\s/\\?#@:%]/.test(bare)) return undefined; // domainToASCII takes "a.com/b" for a URL and gives "a.com"
  const wildcard = bare.startsWith('*.');
  const ascii = domainToASCII(wildcard ? bare.slice(2) : bare);
  const name = wildcard ? `*.${ascii}` : ascii;
  // An address is no name, though domainToASCII lets it through.
  const labels = /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
  if (ascii === '' || name.length > 253 || !labels.test(name)) return undefined;
  // What is ASCII already is not looked into by domainToASCII: Punycode that stands for nothing stays as it is.
  const isPunycode = (label: string) => label.startsWith('xn--');
  return name.split('.').some(label => isPunycode(label) && isPunycode(domainToUnicode(label)))
    ? undefined
    : name;
}

/** A name as people write it beside the one that Cloudflare shows: `xn--mnchen-3ya.example.com (münchen.example.com)`. */
export function unicode(name: string): string {
  if (!name.includes('xn--')) return name;
  const spelt = (name.startsWith('*.') ? '*.' : '') + domainToUnicode(name.replace(/^\*\./, ''));
  return spelt === name ? name : `${name} (${shown(spelt)})`;
}

export const isWithin = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`);

/** By label from the right: `example.com`, `api.example.com`, `a.api.example.com`, `shop.example.com`. */
export function sorted(names: Iterable<string>): string[] {
  // A character below all others between the labels, so that "a-b" does not come between "a" and what is below it.
  const keyed = [...names].map(name => ({ name, key: name.split('.').reverse().join('\0') }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ name }) => name);
}

/** What a person lists, separated by commas or blanks. */
export const words = (text = ''): string[] => text.split(/[\s,]+/).filter(Boolean);
