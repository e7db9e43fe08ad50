import { expect, test } from 'vitest';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Claim } from './claims.ts';
import { brief, claim, decide, ours, record, ui } from './example.ts';

/* Aliases that would lead in a circle are not written. */

test.each<[string, DnsRecord[], Claim[], string[]]>([
  [
    'of two hosts',
    [ours(), ours({ name: 'b.example.com' })],
    [claim('b.example.com'), claim('a.example.com', ui, 'b.example.com')],
    ['a.example.com: conflict', 'b.example.com: conflict'],
  ],
  [
    "back from somebody else's alias",
    [record({ name: 'b.example.com', type: 'CNAME', content: 'a.example.com' })],
    [claim('b.example.com')],
    ['a.example.com: conflict'],
  ],
  [
    'through a wildcard',
    [],
    [claim('y.example.com'), claim('a.example.com', ui, '*.example.com')],
    ['*.example.com: conflict', 'a.example.com: conflict'],
  ],
  [
    'of a wildcard to a name that waits',
    [],
    [claim('', ui, 'lb.example.com'), claim('lb.example.com', ui, '*.example.com')],
    ['*.example.com: conflict', 'lb.example.com: hold'],
  ],
  [
    'that a deletion would close',
    [
      ours({ type: 'CNAME', content: 'b.example.com' }),
      ours({ name: 'b.example.com' }),
      ours({ name: '*.example.com', type: 'CNAME', content: 'a.example.com' }),
    ],
    [claim('b.example.com'), claim('a.example.com', ui, '*.example.com')],
    ['*.example.com: keep', 'a.example.com: keep', 'b.example.com: conflict'],
  ],
  [
    'none, as what is below a delegation is answered elsewhere',
    [record({ type: 'NS', name: 'dev.example.com', content: 'ns.example.net' })],
    [claim('lb.dev.example.com', ui, '*.example.com')],
    ['*.example.com: +CNAME lb.dev.example.com'],
  ],
])('a circle %s', (_, records, claims, decisions) => {
  expect(brief(decide({ records, claims }))).toEqual(decisions);
});
