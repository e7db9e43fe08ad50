import { describe, expect, test } from 'vitest';
import { faults } from '../testing.ts';
import { planCloudflare, unfitTokens } from './plan.ts';

describe('Cloudflare', () => {
  const zone = {
    name: 'example.com',
    status: 'active',
    nameServers: ['ada'],
    permissions: ['#dns_records:edit'],
  };
  const world = (status: unknown, seen: unknown, looksOnly = false) => ({
    unset: [],
    tokens: [
      {
        ...{ environments: ['staging'], looksOnly },
        status: status as never,
        zones: new Map([['example.com', seen as never]]),
      },
    ],
  });
  const plan = (status: unknown, seen: unknown) => faults(planCloudflare(world(status, seen)));

  test.each([
    ['edits', { value: zone }, []],
    ['edits a zone that is pending', { value: { ...zone, status: 'pending' } }, []],
    ['nobody tells about', { value: { ...zone, permissions: undefined } }, []],
    ['sees no zone', { value: undefined }, ['staging']],
    ['reads', { value: { ...zone, permissions: ['#dns_records:read'] } }, ['staging']],
    ['nobody could try', { unreadable: 'no' }, ['staging']],
  ])('where it is put, if it is a token that %s', (_, seen, unfit) => {
    expect(unfitTokens(world({ value: 'active' }, seen))).toEqual([['CLOUDFLARE_API_TOKEN', unfit]]);
  });

  test.each([
    ['active', { value: 'active' }, { value: zone }, []],
    ["an account's", { value: undefined }, { value: zone }, []],
    ['expired', { value: 'expired' }, { unreadable: 'no' }, [['token of staging', 'wrong', []]]],
    ['unknown', { value: undefined }, { unreadable: 'no' }, [['token of staging', 'wrong', []]]],
    ['without the zone', { value: 'active' }, { value: undefined }, [['zone example.com', 'missing', []]]],
    [
      'of a zone that is pending',
      { value: 'active' },
      { value: { ...zone, status: 'pending' } },
      [['zone example.com', 'wrong', []]],
    ],
    [
      'that reads',
      { value: 'active' },
      { value: { ...zone, permissions: ['#dns_records:read'] } },
      [['zone example.com', 'wrong', []]],
    ],
    [
      'of which nothing is told',
      { value: 'active' },
      { value: { ...zone, permissions: undefined } },
      [['zone example.com', 'unknown', []]],
    ],
  ])('a token %s', (_, status, seen, expected) => {
    expect(plan(status, seen)).toEqual(expected);
  });

  test.each([
    ['reads', ['#zone:read', '#dns_records:read'], [], []],
    ['may edit too', ['#dns_records:read', '#dns_records:edit'], ['warning'], []],
    ['sees no records', ['#zone:read'], ['wrong'], ['staging-drift']],
    ['nobody tells about', undefined, ['unknown'], []],
  ])('one that looks for drift, and %s', (_, permissions, states, unfit) => {
    const looking = world({ value: 'active' }, { value: { ...zone, permissions } }, true);
    for (const each of looking.tokens) each.environments = ['staging-drift'];
    expect(faults(planCloudflare(looking)).map(([, state]) => state)).toEqual(states);
    expect(unfitTokens(looking)).toEqual([['CLOUDFLARE_API_TOKEN', unfit]]);
  });
});
