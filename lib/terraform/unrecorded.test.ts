import { expect, test } from 'vitest';
import type { Exoscale, Thing, ThingKind } from '../exoscale/exoscale.ts';
import { readPlan } from './model.ts';
import { doubles, existing, seconds } from './unrecorded.ts';

/** What Exoscale has; others' things are told by another name. */
const there: Record<ThingKind, Thing[]> = {
  'sks-cluster': [
    { id: 'c1', name: 'shop', nodepools: [{ id: 'p1', name: 'shop' }] },
    { id: 'c2', name: 'other', nodepools: [{ id: 'p2', name: 'shop' }] },
  ],
  'load-balancer': [
    { id: 'b1', name: 'shop', services: [{ id: 's1', name: 'http' }] },
    { id: 'b2', name: 'other', services: [{ id: 's2', name: 'http' }] },
  ],
  'security-group': [
    {
      id: 'g1',
      name: 'shop',
      rules: [
        {
          id: 'r1',
          description: 'http',
          protocol: 'tcp',
          'flow-direction': 'ingress',
          'start-port': 30080,
          'end-port': 30080,
          network: '0.0.0.0/0',
        },
        { id: 'r2', description: 'http', protocol: 'udp', 'flow-direction': 'ingress' },
      ],
    },
  ],
  'anti-affinity-group': [{ id: 'a1', name: 'shop' }],
  'dbaas-service': [{ name: 'shop' }],
};
const api = (things = there): Exoscale =>
  ({ zone: 'ch-gva-2', things: async (kind: ThingKind) => things[kind] }) as unknown as Exoscale;

const plan = (...rows: { address: string; type: string; change: object }[]) =>
  readPlan(JSON.stringify({ format_version: '1.2', resource_changes: rows }));
const create = (type: string, after: object) => ({
  address: `${type}.it`,
  type,
  change: { actions: ['create'], before: null, after },
});

const rule = {
  security_group_id: 'g1',
  type: 'INGRESS',
  protocol: 'TCP',
  description: 'http',
  start_port: 30080,
  end_port: 30080,
  cidr: '0.0.0.0/0',
};

// The ids as the provider's `terraform import` takes them.
test.each([
  ['exoscale_sks_cluster', { name: 'shop' }, ['c1@ch-gva-2']],
  ['exoscale_sks_nodepool', { name: 'shop', cluster_id: 'c1' }, ['c1/p1@ch-gva-2']],
  ['exoscale_sks_nodepool', { name: 'shop' }, []], // in a cluster that is being created
  ['exoscale_nlb', { name: 'shop' }, ['b1@ch-gva-2']],
  ['exoscale_nlb_service', { name: 'http', nlb_id: 'b1' }, ['b1/s1@ch-gva-2']],
  ['exoscale_nlb_service', { name: 'https', nlb_id: 'b1' }, []],
  ['exoscale_security_group', { name: 'shop' }, ['g1']],
  ['exoscale_security_group_rule', rule, ['g1/r1']],
  ['exoscale_security_group_rule', { ...rule, end_port: 30081 }, []],
  ['exoscale_security_group_rule', { ...rule, cidr: '::/0' }, []],
  ['exoscale_nlb', { name: 'shop', zone: 'de-fra-1' }, []],
  ['exoscale_anti_affinity_group', { name: 'shop' }, ['a1']],
  ['exoscale_dbaas', { name: 'shop' }, ['shop@ch-gva-2']],
  ['terraform_data', { name: 'shop' }, []],
])('of %s %j there is %j', async (type, after, ids) => {
  const found = await existing(plan(create(type, after)), api());
  expect(found.flatMap(each => each.ids)).toEqual(ids);
});

test('one that the state does not know stops an apply, with the command that takes it over', async () => {
  const found = await existing(plan(create('exoscale_nlb', { name: 'shop' })), api());
  expect(
    seconds(found)
      .map(({ message }) => message)
      .join(),
  ).toBe(
    'There is a load balancer shop (b1@ch-gva-2) that Terraform\'s state does not know, and this apply would make a second one: take it over with "terraform import \'exoscale_nlb.it\' b1@ch-gva-2", after a "terraform state rm" if the state has something at this address, or delete it',
  );
});

test('several of a name are all told', async () => {
  const twins = {
    ...there,
    'load-balancer': ['b1', 'b2'].map(id => ({ id, name: 'shop' })),
  };
  const found = await existing(plan(create('exoscale_nlb', { name: 'shop' })), api(twins));
  expect(
    seconds(found)
      .map(({ message }) => message)
      .join(),
  ).toBe(
    'There are 2 of the load balancer shop that Terraform\'s state does not know (b1@ch-gva-2, b2@ch-gva-2): take one over with "terraform import \'exoscale_nlb.it\' b1@ch-gva-2", after a "terraform state rm" if the state has something at this address, and delete the others',
  );
});

test('what the state knows under another address is no second one', async () => {
  const away = (address: string, type: string, before: object) => ({
    address,
    type,
    change: { actions: ['delete'], before },
  });
  const rekeyed = plan(
    away('exoscale_nlb.old', 'exoscale_nlb', { id: 'b1', name: 'shop' }),
    create('exoscale_nlb', { name: 'shop' }),
    away('exoscale_sks_nodepool.old', 'exoscale_sks_nodepool', { id: 'p1', name: 'shop' }),
    create('exoscale_sks_nodepool', { name: 'shop', cluster_id: 'c1' }),
  );
  expect(await existing(rekeyed, api())).toEqual([]);
});

test('after an apply, two of a name are told, unless the state knows both', async () => {
  const twins = { ...there, 'load-balancer': ['b1', 'b2'].map(id => ({ id, name: 'shop' })) };
  const made = plan(create('exoscale_nlb', { name: 'shop' }), {
    address: 'exoscale_sks_cluster.it',
    type: 'exoscale_sks_cluster',
    change: { actions: ['update'] },
  });
  const ours = { address: 'exoscale_nlb.it', values: { id: 'b1', name: 'shop' } };
  const other = { address: 'exoscale_nlb.other', values: { id: 'b2', name: 'shop' } };
  expect((await doubles(made, async () => [ours], api(twins))).map(({ message }) => message)).toEqual([
    "There are 2 of the load balancer shop (b1@ch-gva-2, b2@ch-gva-2), as the answer to a creation got lost: delete the one that Terraform's state does not know",
  ]);
  expect(await doubles(made, async () => [ours, other], api(twins))).toEqual([]);
});

test('however much is created, each kind is asked for once', async () => {
  const asked: ThingKind[] = [];
  const counting = {
    ...api(),
    things: async (kind: ThingKind) => {
      asked.push(kind);
      return there[kind];
    },
  };
  const many = ['a', 'b', 'c'].map(name => ({
    ...create('exoscale_nlb', { name }),
    address: `exoscale_nlb.${name}`,
  }));
  await existing(plan(...many), counting);
  expect(asked).toEqual(['load-balancer']);
});
