import { expect, test } from 'vitest';
import type { Plan } from './model.ts';
import { notUploaded } from './uploaded.ts';

const state = { bucket: 'acme', key: 'shop/staging.tfstate', zone: 'ch-gva-2', endpoint: 'https://x' };
const plan = (...changes: [string, string][]) =>
  ({ changes: changes.map(([action, address]) => ({ action, address })) }) as unknown as Plan;
const present = (...addresses: string[]) => addresses.map(address => ({ address, values: {} }));

test('a state with all that was created is the one that was uploaded', () => {
  const done = plan(['create', 'a.one'], ['update', 'a.two'], ['destroy', 'a.three']);
  expect(notUploaded(done, present('a.one', 'a.two'), state)).toBeUndefined();
  expect(notUploaded(plan(['destroy', 'a.three']), [], state)).toBeUndefined();
});

test('one without is named, with what is not in it', () => {
  const done = plan(['create', 'a.one'], ['create', 'a.two[0]'], ['create', 'a.three']);
  expect(notUploaded(done, present('a.three'), state)?.message).toBe(
    'The bucket "acme" took the state and does not have it: a.one, a.two[0], created just now, cannot be found in shop/staging.tfstate; apply again, which takes in what is there',
  );
});
