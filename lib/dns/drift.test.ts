import { expect, test } from 'vitest';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Decision } from './decision.ts';
import { driftOf } from './drift.ts';
import type { Plan } from './plan.ts';

const name = { name: 'a.example.com', records: [] };
const plan = (decisions: Decision[], more: Partial<Plan> = {}): Plan => ({
  zone: 'example.com',
  decisions,
  ...more,
});

test.each<[string, Plan[], boolean]>([
  ['no zone', [], true],
  ['nothing that is wished', [plan([])], true],
  ['all as wished', [plan([{ ...name, kind: 'keep' }])], true],
  ['a name that two want, and one has', [plan([{ ...name, kind: 'keep', disputed: 'x' }])], true],
  ['a change', [plan([]), plan([{ ...name, kind: 'change', operations: [], why: 'x' }])], false],
  ['a name that is held', [plan([{ ...name, kind: 'hold', reason: 'x' }])], false],
  ['a conflict', [plan([{ ...name, kind: 'conflict', reason: 'x' }])], false],
  ['a plan that is refused', [plan([], { refusal: 'x' })], false],
  ['names that would go, and are held', [plan([], { withheld: 'x' })], false],
])('%s', (_, plans, settled) => {
  expect(driftOf('staging', plans) === undefined).toBe(settled);
});

const record = (number: number): DnsRecord => ({
  ...{ id: `${number}`, name: `n${number}.example.com`, type: 'A', content: '203.0.113.10' },
  ...{ ttl: 1, proxied: false, comment: null },
});
const keep = (number: number, more = {}): Decision => ({
  ...{ kind: 'keep', name: `n${number}.example.com`, records: [record(number)] },
  ...more,
});
const taken: Decision = { ...name, kind: 'conflict', reason: 'somebody else has it' };
const going: Decision = {
  ...name,
  kind: 'hold',
  reason: 'nobody claims it; too many names would go at once',
};

test('what has drifted reads like this', () => {
  expect(driftOf('staging', [plan([taken, keep(1)]), { ...plan([keep(2)]), zone: 'example.net' }])).toEqual({
    found: `### DNS of example.com: nothing to change, 1 in conflict

\`\`\`diff
! a.example.com  conflict: somebody else has it
\`\`\``,
    advice:
      'A deploy of staging takes this back, except what is held or in conflict, which a person must decide.',
  });
});

test.each<[string, Plan[]]>([
  ['one more name that is as wished', [plan([taken, keep(1), keep(2)])]],
  ['a name as wished that somebody else wants too', [plan([taken, keep(1, { disputed: 'x' })])]],
  ['a zone that has not drifted', [plan([taken, keep(1)]), { ...plan([keep(2)]), zone: 'example.net' }]],
])('%s makes no other drift of it', (_, plans) => {
  expect(driftOf('staging', plans)).toEqual(driftOf('staging', [plan([taken, keep(1)])]));
});

test('nor does the number of our names, of which too many would go', () => {
  const of = (all: number) =>
    driftOf('staging', [plan([going], { withheld: `4 of ${all} names of ours would go` })]);
  expect(of(11)).toEqual(of(10));
  expect(of(11)?.found).toContain('too many names would go at once');
});
