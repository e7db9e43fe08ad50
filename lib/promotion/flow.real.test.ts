import { afterAll, beforeAll, expect, test } from 'vitest';
import { flowHub, type PromotionHub } from '../../scripts/testing/promotion.ts';

let hub: PromotionHub;
beforeAll(async () => {
  hub = await flowHub();
});
afterAll(async () => {
  expect(hub?.server.complaints).toEqual([]);
  await hub?.[Symbol.asyncDispose]();
});

const held = 'manifests/environments/canary/held.yaml';

test('a rollback sticks: what it leaves is rejected in the same commit, until it is released', async () => {
  const { people, go, announce, version } = await hub.shop('rollback');
  const canary = { environment: 'canary' };
  const begin = (await people.head()) ?? '';
  await announce('v1.1.0');
  await go(canary);
  expect(await version('canary')).toBe('v1.1.0');

  const back = await go({ ...canary, rollback: begin.slice(0, 10), reason: 'Checkout fails' });
  expect(await version('canary')).toBe('v1.0.0');
  expect(back.said).toContain(
    'canary: product v1.1.0 → v1.0.0 (image, revision), product v1.1.0 is rejected',
  );
  expect(back.diff).toMatch(
    /@@ \S+product\.yaml:4 @@[\s\S]*@@ \S+held\.yaml:1 @@[\s\S]*\+- rejected: product/,
  );
  const text = (await people.file(held)) ?? '';
  expect(text).toMatch(
    /\n- rejected: product\n {2}revision: v1\.1\.0\n {2}images: \[ghcr\.io\/acme\/product:v1\.1\.0@sha256:\w{64}\]\n {2}by: octocat\n {2}at: "\d{4}-\d\d-\d\dT[\d:]+Z"\n {2}reason: "Checkout fails"\n {2}run: https:\/\/github\.com\/acme\/rollback\/actions\/runs\/3\n$/,
  );
  const again = await go({ ...canary, rollback: begin, reason: 'Checkout fails' });
  expect([again.changed, again.writes]).toEqual([false, 0]);

  const next = await go(canary);
  expect(next).toMatchObject({
    changed: false,
    held: [{ service: 'product', version: 'v1.1.0', reasons: [{ gate: 'rejected' }] }],
    writes: 0,
  });
  expect(next.said).toMatch(
    /product v1\.1\.0 is rejected since \S+ by octocat \(Checkout fails\): promote canary with release: product, or delete its entry at .*held\.yaml:4:3\ncanary: nothing to promote$/,
  );
  expect(next.summary).toContain('stays: `product v1.1.0 is rejected');

  await announce('v1.2.0');
  await go(canary);
  expect(await version('canary')).toBe('v1.2.0');
  await expect(
    go({ ...canary, rollback: (await people.head()) ?? '', service: 'ui' }),
  ).resolves.toMatchObject({ changed: false });

  await announce('v1.1.0', 'product', { downgrade: true });
  await go({ ...canary, downgrade: true });
  expect(await version('canary')).toBe('v1.2.0');
  const released = await go({ ...canary, release: 'product' });
  expect(released.said).toMatch(/canary: product v1\.1\.0 is released$/);
  expect(await people.file(held)).toBe(text.slice(0, text.indexOf('- rejected')));
  await go({ ...canary, downgrade: true });
  expect(await version('canary')).toBe('v1.1.0');
});

test('what the source has gone back to is not taken over unasked, also where nobody has chosen an order', async () => {
  const { people, go, announce, version } = await hub.shop('backwards');
  const begin = (await people.head()) ?? '';
  await announce('v1.1.0');
  await go({ environment: 'canary' });
  await go({ environment: 'staging', rollback: begin });
  expect(await version('staging')).toBe('v1.0.0');
  expect(await go({ environment: 'canary' })).toMatchObject({
    ...{ changed: false, writes: 0 },
    held: [{ service: 'product', version: 'v1.0.0', reasons: [{ gate: 'downgrade' }] }],
  });
  expect(await announce('v0.9.0')).toMatchObject({ changed: false, held: [{ version: 'v0.9.0' }] });
  await go({ environment: 'canary', downgrade: true });
  expect(await version('canary')).toBe('v1.0.0');
});

test('a pause holds whatever comes, and a resume lets it go', async () => {
  const { go, announce, version } = await hub.shop('pause');
  await go({ environment: 'staging', pause: 'product', reason: 'Inventory' });
  const announced = await announce('v1.1.0');
  expect(announced).toMatchObject({
    changed: false,
    held: [{ service: 'product', reasons: [{ gate: 'paused' }] }],
  });
  expect(await version('staging')).toBe('v1.0.0');
  expect((await go({ environment: 'staging', pause: 'product', reason: 'Twice' })).said).toBe(
    'staging: nothing to change',
  );
  await go({ environment: 'staging', resume: 'product' });
  await announce('v1.1.0');
  expect(await version('staging')).toBe('v1.1.0');
});

test('what is in nobody’s history, or rejected, is not rolled back to', async () => {
  const { people, go, announce } = await hub.shop('refused');
  const canary = { environment: 'canary' };
  const begin = (await people.head()) ?? '';
  const stray = await people.commit({ branch: 'topic', files: { x: 'x' }, message: 'Never merged' });
  await expect(go({ ...canary, rollback: stray })).rejects.toThrow(/is not in the history of main/);
  await expect(go({ ...canary, rollback: '0123456' })).rejects.toThrow(/has no commit 0123456/);
  await announce('v1.1.0');
  await go(canary);
  const bad = (await people.head()) ?? '';
  await go({ ...canary, rollback: begin });
  await expect(go({ ...canary, rollback: bad })).rejects.toThrow(
    /product v1\.1\.0 is rejected .*release: product/,
  );
  await people.commit({ files: { [held]: '- paused: uii\n' }, message: 'A slip' });
  await expect(go(canary)).rejects.toMatchObject({ errors: [{ at: { file: held, line: 1, column: 11 } }] });
});

test('commits are recorded as deployments, and what changes nothing leaves no trace', async () => {
  const { go, announce, deployments, people } = await hub.shop('recorded');
  await announce('v1.1.0');
  const head = await people.head();
  await announce('v1.1.0');
  await go({ environment: 'canary', service: 'ui' });
  expect(await people.head()).toBe(head);
  expect(await deployments()).toEqual([
    { environment: 'staging', description: 'product v1.0.0 → v1.1.0 (image, revision)', sha: head },
  ]);
});
