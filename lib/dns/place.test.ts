import { expect, test } from 'vitest';
import type { Exoscale } from '../exoscale/exoscale.ts';
import { Absent } from '../runner/errors.ts';
import { balancerOf, clusterIdOf, type Place } from './place.ts';

const nothing = async () => undefined;
const place = {
  cloud: { zone: 'ch-gva-2', findCluster: nothing, findLoadBalancer: nothing } as Partial<Exoscale>,
  resourceName: 'shop-staging',
} as Place;

test.each([
  ['load balancer', balancerOf],
  ['SKS cluster', clusterIdOf],
])('a %s that is not there is told apart from all that can go wrong', async (what, find) => {
  const error: unknown = await find(place, false).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Absent);
  expect(String(error)).toContain(`There is no ${what} shop-staging in ch-gva-2`);
  await expect(find(place, true)).resolves.toBeDefined();
});
