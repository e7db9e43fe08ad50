import { expect, test } from 'vitest';
import type { BucketAnswer } from './bucket.ts';
import type { Plan } from './model.ts';
import { notUploaded, stateVersion } from './uploaded.ts';

const state = { bucket: 'acme', key: 'shop/staging.tfstate', zone: 'ch-gva-2', endpoint: 'https://x' };
const old = '0d3bf2a4-6f0a-4c3e-9a7e-0123456789ab';
const plan = (...changes: [action: string, address: string, id?: string][]) =>
  ({
    changes: changes.map(([action, address, id]) => ({ action, address, change: { before: id && { id } } })),
  }) as unknown as Plan;
const present = (...addresses: (string | [string, string])[]) =>
  addresses.map(each => {
    const [address, id] = typeof each === 'string' ? [each, undefined] : each;
    return { address, values: { id } };
  });
const written = { before: 'one#4', after: 'one#6' };
const kept = { before: 'one#4', after: 'one#4' };

test('a state with all that was created is the one that was uploaded', () => {
  const done = plan(['create', 'a.one'], ['update', 'a.two'], ['destroy', 'a.three']);
  expect(notUploaded(done, { ...written, present: present('a.one', 'a.two') }, state)).toBeUndefined();
  expect(notUploaded(plan(['destroy', 'a.three']), { ...kept, present: [] }, state)).toBeUndefined();
});

test('one without is named, with what is not in it', () => {
  const done = plan(['create', 'a.one'], ['create', 'a.two[0]'], ['create', 'a.three']);
  expect(notUploaded(done, { ...written, present: present('a.three') }, state)?.message).toBe(
    'The bucket "acme" took the state and does not have it: a.one, a.two[0], created just now, cannot be found in shop/staging.tfstate; apply again, which takes in what is there',
  );
});

test.each<[string, Plan, typeof kept, ReturnType<typeof present> | undefined, string | undefined]>([
  ['the state of before', plan(['replace', 'a.pool', old]), kept, present(['a.pool', old]), 'a.pool,'],
  ['the state of before, unread', plan(['replace', 'a.pool', old]), kept, undefined, 'a.pool,'],
  [
    'the state of before, among others',
    plan(['create', 'a.one'], ['replace', 'a.pool', old]),
    kept,
    present(['a.pool', old]),
    'a.one, a.pool,',
  ],
  [
    'one of on the way, with the old id',
    plan(['replace', 'a.pool', old]),
    written,
    present(['a.pool', old]),
    'a.pool,',
  ],
  [
    'the new id',
    plan(['replace', 'a.pool', old]),
    written,
    present(['a.pool', old.replace('0', '1')]),
    undefined,
  ],
  [
    'a database, whose id is its name',
    plan(['replace', 'a.db', 'shop']),
    written,
    present(['a.db', 'shop']),
    undefined,
  ],
])('what was replaced is looked for: %s', (_, done, versions, found, sentence) => {
  const said = notUploaded(done, { ...versions, ...(found && { present: found }) }, state)?.message;
  if (sentence === undefined) expect(said).toBeUndefined();
  else expect(said).toContain(`does not have it: ${sentence} created just now`);
});

test('a version tells a state from the next, and none from any', async () => {
  const of = (answer: BucketAnswer) => stateVersion(async () => answer, state);
  expect(await of({ status: 200, body: '{"version":4,"serial":7,"lineage":"one","resources":[]}' })).toBe(
    'one#7',
  );
  expect(await of({ status: 404, body: '' })).toBe('none');
  await expect(of({ status: 200, body: 'half' })).rejects.toThrow('shop/staging.tfstate is no state');
});
