import { expect, test } from 'vitest';
import type { Exoscale } from '../exoscale/exoscale.ts';
import { readPlan } from './model.ts';
import { refuseSecond } from './unrecorded.ts';

const api = (id: string) =>
  ({ zone: 'ch-gva-2', findLoadBalancer: async () => ({ id, name: 'shop' }) }) as unknown as Exoscale;
const row = (key: string, actions: string[], change: object) => ({
  address: `exoscale_nlb.all["${key}"]`,
  type: 'exoscale_nlb',
  change: { actions, ...change },
});
const rekeyed = readPlan(
  JSON.stringify({
    format_version: '1.2',
    resource_changes: [
      row('a', ['delete'], { before: { id: '1f', name: 'shop' } }),
      row('b', ['create'], { before: null, after: { name: 'shop' } }),
    ],
  }),
);

test('what the state knows under another address is no second one; what it does not know is', async () => {
  await expect(refuseSecond(rekeyed, api('1f'))).resolves.toBeUndefined();
  await expect(refuseSecond(rekeyed, api('2e'))).rejects.toThrow(
    'There is a load balancer named shop (2e) that Terraform',
  );
});
