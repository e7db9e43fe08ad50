import { expect, test } from 'vitest';
import type { Decision } from './decision.ts';
import { bounded, json } from './outputs.ts';

const held = (at: number): Decision => ({
  ...{ kind: 'hold', name: `n${at}.example.com`, records: [], reason: 'x'.repeat(600) },
});

test('what there is no room for is counted', () => {
  const room = bounded(20);
  expect(room.of(['12345678', '12345678', 'x'])).toEqual(['12345678']);
  expect([room.of(['x']), room.leftOut()]).toEqual([[], 3]);
  const decisions = Array.from({ length: 5000 }, (_, at) => held(at));
  const found = json([{ zone: 'example.com', decisions }], { notes: ['a'] }, []);
  expect(JSON.stringify(found).length).toBeLessThan(410_000);
  expect(found.leftOut).toBe(5000 - (found.zones[0]?.names.length ?? 0) + 1);
});

test('a name that another object wants elsewhere is told, though it is as wished', () => {
  const kept = { kind: 'keep' as const, name: 'a.example.com', records: [], disputed: 'b wants it too' };
  expect(
    json(
      [{ zone: 'example.com', decisions: [kept, { ...kept, disputed: undefined }] as Decision[] }],
      { notes: [] },
      [
        { name: kept.name, source: 'b' },
        { name: kept.name, source: 'a' },
      ],
    ),
  ).toEqual({
    zones: [
      {
        zone: 'example.com',
        kept: 0,
        names: [{ name: 'a.example.com', objects: ['a', 'b'], kind: 'keep', disputed: 'b wants it too' }],
      },
    ],
    notes: [],
    unseen: [],
  });
});
