import { expect, test } from 'vitest';
import { everything, lookOnly, type Policy, permits, readOnly } from './iam.ts';

test.each<[string, string, Policy[]]>([
  ['GET', '/v2/sks-cluster', [everything, lookOnly, readOnly]],
  ['GET', '/v2/dbaas-postgres/shop', [everything, lookOnly, readOnly]],
  ['GET', '/v2/iam-role/1', [everything, readOnly]],
  ['POST', '/v2/sks-cluster-kubeconfig/1', [everything, lookOnly]],
  ['GET', '/v2/dbaas-postgres/shop/user/shop/password/reveal', [everything, lookOnly]],
  ['POST', '/v2/sks-cluster', [everything]],
  ['DELETE', '/v2/dbaas-postgres/shop', [everything]],
])('%s %s', (method, path, expected) => {
  expect([everything, lookOnly, readOnly].filter(each => permits(each, method, path))).toEqual(expected);
});
