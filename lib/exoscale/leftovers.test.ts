import { expect, test } from 'vitest';
import { carries } from './leftovers.ts';

const sought = { name: 'shop-staging', others: ['shop-production', 'shop-staging-eu', 'shop'] };

test.each([
  ['shop-staging', {}, true],
  ['shop-staging-nodes', {}, true],
  ['anything', { cluster: 'shop-staging' }, true],
  ['shop-staging-eu', {}, false],
  ['shop-staging-eu-nodes', {}, false],
  ['shop-staging-europe', {}, true],
  ['workshop-staging', {}, false],
  ['shop-stagingnodes', {}, false],
  ['shop-production', {}, false],
  ['anything', { cluster: 'workshop-staging' }, false],
])('%s with the labels %j belongs to shop-staging: %s', (name, labels, ours) => {
  expect(carries({ name, labels }, sought)).toBe(ours);
});
