import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Claim, Unreadable } from './claims.ts';
import { format, type Identity } from './marker.ts';
import { type Plan, plan } from './plan.ts';
import { parseTargets } from './target.ts';
import type { Defaults } from './wanted.ts';

/* What examples of plans are made of: the zone example.com, and in it a.example.com that IngressRoute shop/ui wants. */

export const identity: Identity = { owner: 'shop', cluster: '0123456789ab' };
export const ui = 'IngressRoute shop/ui';
export const other = 'Ingress shop/b';
export const mark = (source = ui, who = identity) => format({ ...who, source });

let ids = 0;
export const record = (given: Partial<DnsRecord>): DnsRecord => ({
  ...{ id: `r${++ids}`, name: 'a.example.com', type: 'A', content: '203.0.113.1' },
  ...{ ttl: 1, proxied: false, comment: null },
  ...given,
});
export const ours = (given: Partial<DnsRecord> = {}) => record({ comment: mark(), ...given });
export const claim = (
  targets = '203.0.113.1',
  source = ui,
  name = 'a.example.com',
  more: Partial<Claim> = {},
): Claim => ({
  ...{ name, source, targets: targets ? parseTargets(targets) : [] },
  ...more,
});

export interface Given {
  records?: DnsRecord[];
  claims?: Claim[];
  unreadable?: Unreadable[];
  allowDeletes?: boolean;
  defaults?: Defaults;
  kinds?: ReadonlySet<string>;
}
export const decide = ({
  records = [],
  claims = [],
  unreadable = [],
  allowDeletes = true,
  defaults,
  kinds,
}: Given): Plan =>
  plan({
    zone: 'example.com',
    records,
    identity,
    ...(defaults && { defaults }),
    ...(kinds && { kinds }),
    wishes: { claims, unreadable },
    allowDeletes,
  });

/** `a.example.com: +A 203.0.113.1` and the like, one line a name. */
export const brief = ({ decisions }: Plan) =>
  decisions.map(decision => {
    if (decision.kind !== 'change') return `${decision.name}: ${decision.kind}`;
    const operations = decision.operations.map(operation => {
      if (operation.kind === 'create') return `+${operation.after.type} ${operation.after.content}`;
      if (operation.kind === 'delete') return `-${operation.before.type} ${operation.before.content}`;
      return `${operation.before.content} > ${operation.after.content}`;
    });
    return `${decision.name}: ${operations.join(', ')}`;
  });
/** Why names are held or in conflict. */
export const reasons = ({ decisions }: Plan) =>
  decisions.flatMap(each => ('reason' in each ? [each.reason] : []));
