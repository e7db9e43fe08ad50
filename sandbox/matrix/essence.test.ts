import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { essence } from './essence.ts';
import { tfState } from './terraform.ts';

test('two worlds are the same when only ids, times and order differ', () => {
  const world = (id: string, at: string) => ({
    [id]: [
      { id, at: `made ${at}` },
      { name: 'kept', sha: 'a'.repeat(40) },
    ],
  });
  const one = world('0d3bf2a4-6f0a-4c3e-9a7e-0123456789ab', '2026-01-01T00:00:00.123Z');
  const [id, list] =
    Object.entries(world('1d3bf2a4-6f0a-4c3e-9a7e-0123456789ab', '2026-01-02T10:00:00Z'))[0] ?? [];
  expect(essence({ [id ?? '']: list?.toReversed() })).toBe(essence(one));
  expect(essence({ [id ?? '']: list?.slice(1) })).not.toBe(essence(one));
});

const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];

test.each<[string, unknown, unknown]>([
  ['its own id and a foreign one', { id: a, uses: a }, { id: a, uses: b }],
  [
    'the one and the other',
    {
      pools: [
        { id: a, name: 'x' },
        { id: b, name: 'y' },
      ],
      uses: a,
    },
    {
      pools: [
        { id: a, name: 'x' },
        { id: b, name: 'y' },
      ],
      uses: b,
    },
  ],
  ['the same twice and two', [a, a], [a, b]],
  ['two that are keyed by ids and one', { [a]: { n: 1 }, [b]: { n: 1 } }, { [a]: { n: 1 } }],
  [
    'a ring of two and two that know themselves',
    [
      [a, b],
      [b, a],
    ].map(pair),
    [
      [a, a],
      [b, b],
    ].map(pair),
  ],
  [
    'a ring of three and another way round',
    [a, b, c].map((id, at) => ({ id, x: [a, b, c][(at + 1) % 3] })),
    [
      { id: a, x: b },
      { id: b, x: c },
      { id: c, x: b },
    ],
  ],
])('what refers to %s is not the same', (_, one, other) => {
  expect(essence(one)).not.toBe(essence(other));
});

function pair([id, next]: string[]) {
  return { id, next };
}

test('a difference is told in short words', () => {
  expect(JSON.parse(essence({ b: a, a: [`${b} and ${a}`] }))).toEqual({ a: ['ID1 and ID2'], b: 'ID2' });
});

test('two keys that fall together are an error, and not one of them', () => {
  const world = { '2026-01-01T00:00:00Z': 1, '2026-01-02T00:00:00Z': 2 };
  expect(() => essence(world)).toThrow('Two keys are both TIME');
});

test('whatever refers to whatever, other ids in another order make no difference', () => {
  const things = fc.array(
    fc.record({ name: fc.constantFrom('x', 'y'), uses: fc.array(fc.nat(5), { maxLength: 3 }) }),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  /** Things of which each uses some others, with new ids, in this order. */
  const world = (all: { name: string; uses: number[] }[], order: number[]) => {
    const ids = all.map(() => randomUUID());
    const idOf = (at: number) => ids[at % ids.length];
    const shuffled = order.map(
      at => all[at] && { id: idOf(at), name: all[at].name, uses: all[at].uses.map(idOf) },
    );
    return {
      things: shuffled,
      users: Object.fromEntries(order.map(at => [idOf(at), idOf(all[at]?.uses[0] ?? 0)])),
    };
  };
  fc.assert(
    fc.property(
      things.chain(all => {
        const straight = all.map((_, at) => at);
        return fc.tuple(
          fc.constant(all),
          fc.shuffledSubarray(straight, { minLength: all.length, maxLength: all.length }),
        );
      }),
      ([all, order]) => {
        expect(essence(world(all, order))).toBe(essence(world(all, [...all.keys()])));
      },
    ),
    { numRuns: 50 },
  );
});

test('a state of Terraform tells which things it knows, and which notes lie beside it', async () => {
  const state = (id: string) =>
    JSON.stringify({ resources: [{ type: 'exoscale_nlb', name: 'x', instances: [{ attributes: { id } }] }] });
  const world = (known: string, note?: string) =>
    tfState({
      exoscale: { account: { balancers: [{ id: a, name: 'x' }] } },
      object: async (key: string) =>
        key.endsWith('.tfstate') ? state(known) : key.endsWith(note ?? '?') ? 'x' : undefined,
    } as unknown as Parameters<typeof tfState>[0]);
  const expected = essence(await world(a));
  expect(essence(await world(b))).not.toBe(expected);
  expect(essence(await world(a, 'tflock'))).not.toBe(essence(await world(a, 'unfinished')));
});
