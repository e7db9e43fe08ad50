import { expect, test } from 'vitest';
import type { Batch, BatchOutcome, Rejection } from '../cloudflare/cloudflare.ts';
import { UserError } from '../runner/errors.ts';
import { apply } from './apply.ts';
import type { Change } from './decision.ts';
import type { NewRecord, Operation } from './difference.ts';

const value = (name: string, content = '203.0.113.1'): NewRecord => ({
  ...{ name, type: 'A', content, ttl: 1, proxied: false, comment: 'ours' },
});
const creation = (name: string): Change => ({
  ...{ kind: 'change', name, records: [], why: '' },
  operations: [{ kind: 'create', after: value(name) }],
});
const replacement = (name: string): Change => ({
  ...{ kind: 'change', name, records: [], why: '' },
  operations: [
    { kind: 'delete', before: { ...value(name), id: `${name}-old` } },
    { kind: 'create', after: { ...value(name), type: 'CNAME', content: 'lb.example.net' } },
  ],
});
const deletion = (name: string): Change => ({
  ...{ kind: 'change', name, records: [], why: '' },
  operations: [{ kind: 'delete', before: { ...value(name), id: `${name}-old` } }],
});
const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);

/** Answers by `judge` and remembers what it was sent. */
function receiver(judge: (batch: Batch) => Rejection | 'lost' | undefined = () => undefined) {
  const batches: Batch[] = [];
  const send = async (batch: Batch): Promise<BatchOutcome> => {
    batches.push(batch);
    const verdict = judge(batch);
    if (verdict === 'lost') return { kind: 'lost', reason: 'reset' };
    return verdict ? { kind: 'rejected', errors: [verdict] } : { kind: 'applied' };
  };
  return { batches, send };
}

test('changes fill as few batches as the limit allows, and no name is split', async () => {
  const { batches, send } = receiver();
  await apply([...names(3).map(replacement), creation('last')], 5, send);
  expect(batches.map(({ deletes, posts }) => [deletes.length, posts.length])).toEqual([
    [2, 2],
    [1, 2],
  ]);
  for (const { deletes, posts } of batches)
    for (const { id } of deletes) expect(posts.map(({ name }) => `${name}-old`)).toContain(id);
});

test('a patch names only what differs', async () => {
  const { batches, send } = receiver();
  const before = { ...value('a', '203.0.113.9'), id: 'x', ttl: 300 };
  const change: Change = {
    kind: 'change',
    records: [],
    name: 'a',
    why: '',
    operations: [{ kind: 'patch', before, after: value('a') }],
  };
  await apply([change], 5, send);
  expect(batches).toEqual([
    { deletes: [], posts: [], patches: [{ id: 'x', content: '203.0.113.1', ttl: 1 }] },
  ]);
});

test('what makes room comes first', async () => {
  const { batches, send } = receiver();
  await apply([creation('a'), replacement('b'), deletion('c')], 2, send);
  expect(
    batches.map(({ deletes, posts }) => [deletes.map(({ id }) => id), posts.map(({ name }) => name)]),
  ).toEqual([
    [['c-old'], []],
    [['b-old'], ['b']],
    [[], ['a']],
  ]);
});

const bad = { code: 1004, message: 'Content for A record must be a valid IPv4 address.' };

test.each([1, 3])('%i names at fault in 1,000 cost few calls and stop nobody else', async faults => {
  const wrong = names(1000)
    .filter((_, index) => index % 300 === 7)
    .slice(0, faults);
  const { batches, send } = receiver(({ posts }) =>
    posts.some(({ name }) => wrong.includes(name)) ? bad : undefined,
  );
  const { failures, stale, lost } = await apply(names(1000).map(creation), 3500, send);
  expect(failures).toEqual(
    wrong.map(name => ({ name, reason: 'Content for A record must be a valid IPv4 address (1004)' })),
  );
  expect([stale, lost]).toEqual([false, undefined]);
  expect(batches.length).toBeLessThanOrEqual(1 + faults * 2 * Math.ceil(Math.log2(1000)));
  const accepted = batches.filter(({ posts }) => !posts.some(({ name }) => wrong.includes(name)));
  expect(accepted.flatMap(({ posts }) => posts)).toHaveLength(1000 - faults);
});

test('what every name is refused for is not asked for every name', async () => {
  const { batches, send } = receiver(() => ({ code: 1000, message: 'The zone has moved.' }));
  const { failures } = await apply(names(1000).map(creation), 3500, send);
  expect(new Set(failures.map(({ name }) => name)).size).toBe(1000);
  expect(failures.at(-1)?.reason).toBe(
    'The zone has moved (1000); not tried alone, as 20 others in a row were refused for this',
  );
  expect(batches.length).toBeLessThan(100);
});

test.each([
  [20, 180],
  [22, 978],
  [300, 700],
])('%i names that are refused alike keep none of %i others from being written', async (faults, good) => {
  const wrong = names(faults);
  const { send } = receiver(({ posts }) =>
    posts.some(({ name }) => wrong.includes(name)) ? bad : undefined,
  );
  const { made, failures } = await apply(names(faults + good).map(creation), 200, send);
  expect(made).toHaveLength(good);
  expect(failures.map(({ name }) => name).toSorted()).toEqual(wrong.toSorted());
});

test('what was done before a token is no longer accepted is told', async () => {
  const { send } = receiver();
  const { made, error } = await apply(names(4).map(creation), 2, async batch => {
    if (batch.posts[0]?.name === 'n2') throw new UserError('the token is not accepted');
    return send(batch);
  });
  expect([made.length, error?.message]).toEqual([2, 'the token is not accepted']);
});

test('a full zone is filled up, and what needs no room still happens', async () => {
  let room = 5;
  const { batches, send } = receiver(({ posts, deletes }) => {
    if (posts.length - deletes.length > room) return { code: 81045, message: 'Record quota exceeded.' };
    room -= posts.length - deletes.length;
    return undefined;
  });
  const { failures } = await apply([...names(100).map(creation), deletion('gone')], 200, send);
  expect(room).toBe(0);
  expect(failures).toHaveLength(100 - 6);
  expect(batches.length).toBeLessThan(20);
});

test('after a lost answer nothing more is sent', async () => {
  const { batches, send } = receiver(({ posts }) => (posts[0]?.name === 'n2' ? 'lost' : undefined));
  const found = await apply(names(6).map(creation), 2, send);
  expect(found).toMatchObject({ failures: [], stale: false, lost: { reason: 'reset' } });
  const created = (operations: Operation[] = []) =>
    operations.map(each => 'after' in each && each.after.name);
  expect([created(found.made), created(found.lost?.operations)]).toEqual([
    ['n0', 'n1'],
    ['n2', 'n3'],
  ]);
  expect(batches).toHaveLength(2);
});

test.each([81044, 81053, 81054, 81055, 81056, 81057, 81058])(
  'error %i says that the zone has changed',
  async code => {
    const { send } = receiver(() => ({ code, message: 'x' }));
    expect(await apply([creation('a')], 2, send)).toMatchObject({ stale: true, failures: [{ name: 'a' }] });
  },
);

test('nothing to change sends nothing', async () => {
  const { batches, send } = receiver();
  expect(await apply([], 200, send)).toEqual({ made: [], failures: [], stale: false });
  expect(batches).toEqual([]);
});
