import { expect, test } from 'vitest';
import type { Leftover } from './leftovers.ts';
import { removeMarked } from './marked.ts';
import { NotFound, realMachine, type Send } from './request.ts';

const mark = {
  labels: { platform: 'shop', environment: 'staging', 'managed-by': 'slipway' },
  description: 'shop staging, managed by slipway',
};

/** One thing, and what was deleted. */
function world(found: object | undefined) {
  const deleted: string[] = [];
  const send = (async (method: string, path: string) => {
    if (method === 'DELETE') deleted.push(path);
    if (method === 'GET' && !found) throw new NotFound('gone');
    return method === 'GET' ? found : { id: 'operation', state: 'success' };
  }) as Send;
  const remove = (kind: Leftover['kind']) =>
    removeMarked(send, realMachine, { kind, id: '1f0c', name: 'shop-staging', billable: true }, mark);
  return { deleted, remove };
}

test.each<[string, Leftover['kind'], object, string[]]>([
  ['labels', 'load balancer', { labels: { ...mark.labels, more: 'x' } }, ['/load-balancer/1f0c']],
  ['a description', 'security group', { description: mark.description }, ['/security-group/1f0c']],
  [
    'labels, with its node pools first',
    'SKS cluster',
    { labels: mark.labels, nodepools: [{ id: 'a' }, { id: 'b' }] },
    ['/sks-cluster/1f0c/nodepool/a', '/sks-cluster/1f0c/nodepool/b', '/sks-cluster/1f0c'],
  ],
])('what carries our mark goes: %s', async (_, kind, found, deleted) => {
  const fake = world(found);
  expect(await fake.remove(kind)).toBe(true);
  expect(fake.deleted).toEqual(deleted);
});

test.each<[string, Leftover['kind'], object]>([
  ['only the name', 'load balancer', { name: 'shop-staging' }],
  ['no labels and no description', 'SKS cluster', { labels: {}, description: '' }],
  ['the labels of another environment', 'load balancer', { labels: { ...mark.labels, environment: 'qa' } }],
  ['a part of our labels', 'load balancer', { labels: { platform: 'shop', environment: 'staging' } }],
  ['our mark, but it may hold data', 'database', { labels: mark.labels, description: mark.description }],
  ['our mark, but it may hold data', 'volume', { labels: mark.labels, description: mark.description }],
])('what does not is left: %s (%s)', async (_, kind, found) => {
  const fake = world(found);
  expect(await fake.remove(kind)).toBe(false);
  expect(fake.deleted).toEqual([]);
});

test('what is gone meanwhile is gone', async () => {
  expect(await world(undefined).remove('load balancer')).toBe(true);
});
