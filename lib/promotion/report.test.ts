import { expect, test } from 'vitest';
import type { Target } from '../platform/platform.ts';
import type { Result } from './gates/gate.ts';
import { digest, moveOf, repository } from './gates/testing.ts';
import type { Judged } from './judge.ts';
import { heldServices } from './report.ts';

const move = moveOf(
  { revision: 'v1', image: `${repository}:1@${digest('1')}` },
  { revision: 'v2', image: `${repository}:2@${digest('2')}` },
);
const where = { platform: { services: { ui: { image: repository } } } } as unknown as Target;
const reason = (gate: string, until?: string): Result => ({
  ...{ service: 'ui', version: '2', gate, outcome: 'waits', why: 'not yet' },
  until: until === undefined ? undefined : new Date(until),
});
const told = (reasons: Result[], withheld: Judged['draft']['withheld'] = []) =>
  JSON.parse(
    JSON.stringify(
      heldServices(where, {
        draft: { withheld },
        gates: { waiting: [{ move, version: '2', reasons }] },
      } as unknown as Judged),
    ),
  );

test('what only waits for time says until when, the latest of all', () => {
  const soak = reason('soak', '2026-11-27T12:30:00Z');
  expect(told([soak, reason('freeze', '1970-01-01T00:00:00Z')])).toEqual([
    {
      ...{ service: 'ui', version: '2', until: '2026-11-27T12:30:00.000Z' },
      reasons: [
        { gate: 'soak', why: 'not yet', until: '2026-11-27T12:30:00.000Z' },
        { gate: 'freeze', why: 'not yet', until: '1970-01-01T00:00:00.000Z' },
      ],
    },
  ]);
  expect(told([soak, reason('tags')])[0]).not.toHaveProperty('until');
});

test('what held.yaml names is told by that, whatever gates say of it', () => {
  expect(told([reason('soak')], [{ move, kind: 'rejected', reason: 'ui v2 is rejected' }])).toEqual([
    { service: 'ui', version: '2', reasons: [{ gate: 'rejected', why: 'ui v2 is rejected' }] },
  ]);
});
