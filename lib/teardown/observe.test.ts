import { expect, test } from 'vitest';
import { databaseService } from './observe.ts';

const values = { name: 'shop-staging', type: 'pg', zone: 'ch-gva-2', plan: 'startup-4' };
const service = { name: 'shop-staging', type: 'pg', zone: 'ch-gva-2' };

test.each([
  ['exoscale_dbaas.database', {}, [service]],
  ['module.shop.exoscale_dbaas.all["a.b"]', {}, [service]],
  ['exoscale_database.old', {}, [service]],
  ['exoscale_dbaas.cache', { type: 'valkey' }, [{ ...service, type: 'valkey' }]],
  ['exoscale_dbaas_pg_user.shop', {}, []],
  ['exoscale_nlb.ingress', {}, []],
])('%s of %j is %j', (address, more, expected) => {
  expect(databaseService({ address, values: { ...values, ...more } })).toEqual(expected);
});
