import { expect, test } from 'vitest';
import type { Bucket } from './bucket.ts';
import type { Plan } from './model.ts';
import { clear, endNote, isBehind, note, noted } from './unfinished.ts';

const state = { bucket: 'acme', key: 'shop/staging.tfstate', zone: 'ch-gva-2', endpoint: 'https://x' };
const plan = (...changes: [string, string][]) =>
  ({ changes: changes.map(([action, address]) => ({ action, address })) }) as unknown as Plan;

function storage() {
  const objects = new Map<string, string>();
  const bucket: Bucket = async (method, key, { body = '' } = {}) => {
    const found = objects.get(key);
    if (method === 'PUT') objects.set(key, String(body));
    if (method === 'DELETE') objects.delete(key);
    return { status: method === 'GET' && found === undefined ? 404 : 200, body: found ?? '' };
  };
  const write = (serial: number) => objects.set(state.key, JSON.stringify({ lineage: 'one', serial }));
  return { bucket, write, objects };
}

test('what a plan creates is noted, also in the place of something else', async () => {
  const { bucket, objects } = storage();
  await note(bucket, state, plan(['create', 'a.one'], ['replace', 'a.two'], ['update', 'a.three']), 'none');
  expect(await noted(bucket, state)).toEqual(new Set(['a.one', 'a.two']));
  await clear(bucket, state);
  expect([...objects]).toEqual([]);
});

test('a state that is still the one of before the note is behind what was created', async () => {
  const { bucket, write } = storage();
  write(4);
  await note(bucket, state, plan(['replace', 'a.two']), 'one#4');
  expect(await isBehind(bucket, state)).toBe(true);
  write(5);
  expect(await isBehind(bucket, state)).toBe(false);

  await note(bucket, state, plan(['update', 'a.two']), 'one#5');
  expect(await isBehind(bucket, state)).toBe(false);
});

const away = async () => {
  throw new Error('away');
};
const has =
  (...addresses: string[]) =>
  async () =>
    addresses.map(address => ({ address, values: {} }));

test.each<[string, Parameters<typeof endNote>[4], { serial?: number; stays: boolean; says: RegExp }]>([
  ['has all', has('a.one'), { serial: 5, stays: false, says: /^$/ }],
  ['lacks one', has(), { serial: 5, stays: true, says: /a\.one, created just now/ }],
  ['is the one of before', has('a.one'), { serial: 4, stays: true, says: /a\.one, created just now/ }],
  ['is the one of before, in a hurry', undefined, { serial: 4, stays: true, says: /created just now/ }],
  ['is a later one, in a hurry', undefined, { serial: 5, stays: false, says: /^$/ }],
  ['cannot be listed', away, { serial: 5, stays: true, says: /^away, Whether .* could not be read/ }],
  ['cannot be read', has('a.one'), { stays: true, says: /^down, Whether .* could not be read/ }],
])('the note of an apply whose state %s', async (_, recorded, { serial, stays, says }) => {
  const { bucket: whole, write, objects } = storage();
  const bucket: Bucket = async (...asked) => {
    if (asked[1] === state.key && serial === undefined) throw new Error('down');
    return whole(...asked);
  };
  const done = plan(['create', 'a.one']);
  const warnings: string[] = [];
  const runner = { warning: (message: string) => void warnings.push(message) };
  await note(bucket, state, done, 'one#4');
  write(serial ?? 5);
  const { lost } = await endNote(runner, { bucket, state }, done, 'one#4', recorded);
  expect([...warnings, ...(lost ? [lost.message] : [])].join(', ')).toMatch(says);
  expect(objects.has(`${state.key}.unfinished`)).toBe(stays);
});

test.each(['not json', '{"creates":5}', 'null', '{"creates":["a.one"]}'])(
  'a note that says nothing of a state, %s, says nothing of this one',
  async body => {
    const { bucket, objects } = storage();
    objects.set(`${state.key}.unfinished`, body);
    expect(await isBehind(bucket, state)).toBe(false);
  },
);
