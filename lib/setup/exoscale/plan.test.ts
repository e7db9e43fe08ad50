import { describe, expect, test } from 'vitest';
import { faults, wish } from '../testing.ts';
import type { ExoscaleWorld } from './observe.ts';
import { planExoscale, unfitKeys } from './plan.ts';

describe('Exoscale', () => {
  const key = {
    environments: ['staging'],
    key: 'k',
    secret: 's',
    targets: ['staging'],
    readOnly: false,
    looksOnly: false,
  };
  const world = (change: Partial<ExoscaleWorld>): ExoscaleWorld => ({
    keys: [{ ...key, zones: { value: ['ch-gva-2'] } }],
    ...{ unset: [], bucket: { value: { versioning: true } }, toBuild: { value: ['staging', 'production'] } },
    quotas: { value: [{ resource: 'instance', usage: 5, limit: 10 }] },
    ...change,
  });
  const plan = (change: Partial<ExoscaleWorld>) => faults(planExoscale(wish, world(change)));
  const quota = (resource: string, usage: number, limit: number) => ({
    quotas: { value: [{ resource, usage, limit }] },
  });
  const zones = { value: ['ch-gva-2'] };
  const role = (policy: object) => ({
    keys: [{ ...key, readOnly: true, zones, role: { value: { id: '1', name: 'x', policy } as never } }],
  });

  test.each<[string, Partial<ExoscaleWorld>, unknown[]]>([
    ['all in order, to the last instance', {}, []],
    [
      'a key that is refused',
      { keys: [{ ...key, zones: { unreadable: 'no' } }] },
      [['key of staging', 'wrong', []]],
    ],
    [
      'another zone',
      { keys: [{ ...key, zones: { value: ['at-vie-1'] } }] },
      [['key of staging', 'wrong', []]],
    ],
    [
      'no bucket',
      { bucket: { value: undefined } },
      [['bucket of the state', 'missing', ['bucket', 'versioning']]],
    ],
    [
      'no versions',
      { bucket: { value: { versioning: false } } },
      [['bucket of the state', 'missing', ['versioning']]],
    ],
    [
      'a bucket that is not shown',
      { bucket: { unreadable: 'no' } },
      [['bucket of the state', 'unknown', []]],
    ],
    ['too few instances', quota('instance', 6, 10), [['quotas', 'wrong', []]]],
    ['one cluster left', quota('sks-cluster', 1, 2), [['quotas', 'wrong', []]]],
    ['no limit', quota('sks-cluster', 100, -1), []],
    ['all built', { ...quota('instance', 10, 10), toBuild: { value: [] } }, []],
    ['a role that reads', role({ 'default-service-strategy': 'deny', services: {} }), []],
    [
      'a role that writes',
      role({ 'default-service-strategy': 'allow', services: {} }),
      [['rights of staging', 'wrong', []]],
    ],
    [
      'a key that writes elsewhere',
      {
        keys: [
          { ...key, zones },
          { ...key, environments: ['staging-plan'], readOnly: true, zones },
        ],
      },
      [['rights of staging-plan', 'wrong', []]],
    ],
  ])('%s', (_, change, expected) => {
    expect(plan(change)).toEqual(expected);
  });

  test.each<[string, Partial<ExoscaleWorld>, unknown[]]>([
    ['there', { dumps: { value: { versioning: false } } }, []],
    ['not there', { dumps: { value: undefined } }, [['bucket of the dumps', 'missing', ['bucket']]]],
    ['not shown', { dumps: { unreadable: 'no' } }, [['bucket of the dumps', 'unknown', []]]],
    ["the state's", {}, []],
  ])('a bucket for dumps that is %s', (_, change, expected) => {
    const platform = { ...wish.platform, dumps: { bucket: 'acme-dumps', zone: 'ch-gva-2' as const } };
    expect(faults(planExoscale({ ...wish, platform }, world(change)))).toEqual(expected);
  });

  const rules = (expression: string) => ({
    'default-service-strategy': 'deny',
    services: { compute: { type: 'rules', rules: [{ action: 'allow', expression }] } },
  });
  // The environments that it is not put into.
  test.each<[string, Partial<ExoscaleWorld>, string[]]>([
    ['whose role is read-only', role({ 'default-service-strategy': 'deny', services: {} }), []],
    ['whose role writes', role({ 'default-service-strategy': 'allow', services: {} }), ['staging']],
    ['whose role leaves a doubt', role(rules("operation != 'x'")), ['staging']],
    [
      'whose role nobody may read',
      { keys: [{ ...key, readOnly: true, zones, role: { unreadable: 'no' } }] },
      ['staging'],
    ],
    ['of a role without a policy', role(undefined as never), ['staging']],
    ['that is to write', { keys: [{ ...key, zones }] }, []],
  ])('a key %s', (_, change, unfit) => {
    expect(Object.fromEntries(unfitKeys(wish, world(change)))).toEqual({
      EXOSCALE_API_KEY: unfit,
      EXOSCALE_API_SECRET: unfit,
    });
  });
});
