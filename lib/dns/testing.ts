import fc from 'fast-check';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Claim } from './claims.ts';
import { format, type Identity } from './marker.ts';
import { parseTargets } from './target.ts';

/* Small worlds of one zone, example.com, in which names, objects and owners meet often. */

const names = ['example.com', '*.example.com', ...[1, 2, 3].map(number => `n${number}.example.com`)];
const sources = ['IngressRoute shop/ui', 'Ingress shop/b', 'Ingress shop/c'];
const values = [
  ...[
    { type: 'A', content: '203.0.113.1' },
    { type: 'A', content: '203.0.113.2' },
  ],
  ...[
    { type: 'AAAA', content: '2001:db8::1' },
    { type: 'CNAME', content: 'lb.example.net' },
    { type: 'TXT', content: '"x"' },
  ],
];

type Given = Omit<DnsRecord, 'id'>;

/** Zones as Cloudflare lets them be: no record twice, no CNAME beside an address. Some have external-dns's own TXT beside them. */
export const zones = (owners: readonly Identity[]): fc.Arbitrary<Given[]> =>
  fc
    .tuple(
      fc.uniqueArray(
        fc
          .record({
            name: fc.constantFrom(...names),
            value: fc.constantFrom(...values),
            ttl: fc.constantFrom(1, 300),
            proxied: fc.constantFrom(false, false, true),
            comment: fc.oneof(
              fc.constantFrom(null, 'by hand'),
              fc
                .tuple(fc.constantFrom(...sources), fc.constantFrom(...owners))
                .map(([source, who]) => format({ ...who, source })),
            ),
          })
          .map(({ value, proxied, ttl, ...rest }): Given => {
            const through = proxied && value.type !== 'TXT';
            return { ...rest, ...value, proxied: through, ttl: through ? 1 : ttl };
          }),
        { selector: ({ name, type, content }) => `${name} ${type} ${content}`, maxLength: 12 },
      ),
      fc.uniqueArray(
        fc.record({
          name: fc.constantFrom(...names.slice(2)),
          type: fc.constantFrom('a-', 'aaaa-', 'cname-', ''),
          owner: fc.constantFrom('old', 'another'),
          source: fc.constantFrom(...sources),
        }),
        { selector: ({ name, type }) => `${type}${name}`, maxLength: 4 },
      ),
    )
    .map(([records, registry]) => {
      const aliased = new Set(records.flatMap(({ type, name }) => (type === 'CNAME' ? [name] : [])));
      const seen = new Set<string>();
      return [
        ...records.filter(({ name, type }) => {
          if (type === 'TXT') return true;
          if (type !== 'CNAME') return !aliased.has(name);
          return !seen.has(name) && seen.add(name);
        }),
        ...registry.map(({ name, type, owner, source }) => ({
          ...{ name: `${type}${name}`, type: 'TXT', ttl: 1, proxied: false, comment: null },
          content: `"heritage=external-dns,external-dns/owner=${owner},external-dns/resource=${source.replace(' ', '/').toLowerCase()}"`,
        })),
      ];
    });

/** What a cluster may want of such a zone. */
export const claimsOf = (): fc.Arbitrary<Claim[]> =>
  fc.uniqueArray(
    fc
      .record({
        name: fc.constantFrom(...names),
        source: fc.constantFrom(...sources),
        targets: fc.constantFrom('', '203.0.113.1', '203.0.113.2 2001:db8::1', 'lb.example.net'),
        ttl: fc.constantFrom(undefined, undefined, 1, 300),
        proxied: fc.constantFrom(undefined, undefined, true, false),
        chosen: fc.boolean(),
      })
      .map(
        ({ name, source, targets, ttl, proxied, chosen }): Claim => ({
          ...{ name, source, targets: targets ? parseTargets(targets) : [] },
          ...(ttl !== undefined && { ttl }),
          ...(proxied !== undefined && { proxied }),
          ...(chosen && { chosen }),
        }),
      ),
    { selector: ({ name, source }) => `${name} ${source}`, maxLength: 8 },
  );
