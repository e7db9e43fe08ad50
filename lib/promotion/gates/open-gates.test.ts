import { expect, test } from 'vitest';
import { parse, select } from '../../platform/platform.ts';
import type { Runner } from '../../runner/runner.ts';
import { openGates } from './gates.ts';
import { digest, moveOf, repository } from './testing.ts';

const common = 'zone: ch-gva-2, nodes: { type: standard.medium, count: 1 }, database: { plan: hobbyist-2 }';
const platform = (tags: string) =>
  parse(`name: shop
repository: https://github.com/acme/platform
state: { bucket: acme-terraform-state, zone: ch-gva-2 }
dns: { zone: example.com, owner: shop }
services:
  ui: { repository: https://github.com/acme/ui, image: ${repository}, host: shop, tags: ${tags} }
environments:
  staging: { ${common}, domain: staging.example.com }
`);
const version = (number: string) => ({
  ...{ revision: `v${number}`, image: `${repository}:${number}@${digest(number[0] ?? '')}` },
});
const open = (tags: string, more: { downgrade?: boolean } = {}) =>
  openGates(
    { context: {} } as Runner,
    select(platform(tags), 'staging'),
    { environment: 'staging', platformFile: 'platform.yaml', dryRun: false, downgrade: false, ...more },
    undefined,
    [moveOf(version('1.0.0'), version('2.0.0'))],
  );

test('moves that were planned anew are judged by what is there then', async () => {
  const gates = await open('{ semver: "*" }');
  const move = moveOf(version('1.0.0'), version('2.0.0'));
  expect([gates.refusal(move), gates.waiting]).toEqual([undefined, []]);
  // Somebody has promoted 3.0.0 meanwhile: what was newer is older now.
  expect(gates.refusal(moveOf(version('3.0.0'), version('2.0.0')))).toEqual({
    why: 'ui 2.0.0 waits (downgrade): it is older than 3.0.0: give the input downgrade if that is what you want',
    isBack: true,
  });
  const asked = await open('{ semver: "*" }', { downgrade: true });
  expect(asked.refusal(moveOf(version('3.0.0'), version('2.0.0')))).toBeUndefined();
});

test('what nobody has asked about waits', async () => {
  const gates = await open('{ newest: commits }');
  expect(gates.waiting).toMatchObject([{ version: '2.0.0' }]);
  expect(gates.refusal(moveOf(version('1.0.0'), version('2.0.0')))?.why).toMatch(
    /GitHub knows not both commits/,
  );
});
