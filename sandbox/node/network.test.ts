import { expect, test } from 'vitest';
import { addresses, blocks, overlap } from './network.ts';

test('the first and the last node', () => {
  expect(addresses(0)).toEqual({
    host: '198.18.0.1',
    node: '198.18.0.2',
    services: '198.18.4.0/22',
    api: '198.18.4.1',
    dns: '198.18.4.10',
    pods: '198.18.8.0/21',
    block: '198.18.0.0/20',
  });
  expect(addresses(blocks - 1)).toMatchObject({ host: '198.19.240.1', block: '198.19.240.0/20' });
});

test("a node's addresses are in its block, and in nobody else's", () => {
  const all = Array.from({ length: blocks }, (_, index) => addresses(index));
  all.forEach(({ block, ...parts }, index) => {
    for (const part of Object.values(parts))
      expect(all.map(other => overlap(part, other.block)).indexOf(true)).toBe(index);
    expect(overlap(parts.pods, parts.services)).toBe(false);
    expect(overlap(parts.host, parts.services) || overlap(parts.node, parts.pods)).toBe(false);
    expect(overlap(block, '198.18.0.0/15')).toBe(true);
  });
});

test.each([
  ['10.0.0.0/8', '10.200.1.1', true],
  ['10.200.1.1', '10.0.0.0/8', true],
  ['192.168.0.0/24', '192.168.1.0/24', false],
  ['198.18.0.0/16', '198.19.0.0/20', false],
  ['255.255.255.0/24', '255.255.255.255', true],
  ['0.0.0.0/0', '1.2.3.4', true],
])('%s and %s overlap: %s', (one, other, expected) => {
  expect(overlap(one, other)).toBe(expected);
});
