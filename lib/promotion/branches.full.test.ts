import { afterAll, beforeAll, expect, test } from 'vitest';
import { pinFile, pinText } from '../../sandbox/github/pins.ts';
import { type PromotionHub, promotionHub } from '../../scripts/testing/promotion.ts';

let hub: PromotionHub;
beforeAll(async () => {
  hub = await promotionHub({
    services: ['ui', 'product'],
    environments: {
      staging: undefined,
      production: '{ from: staging, by: pull-request }',
      canary: '{ from: staging, by: commit }',
      apart: '{ from: staging, by: pull-request, services: apart }',
    },
  });
});
afterAll(async () => {
  expect(hub?.server.complaints).toEqual([]);
  await hub?.[Symbol.asyncDispose]();
});

test('where merges approve, a rollback is a pull request of its own, which no promotion closes', async () => {
  const { people, go, announce, version, pulls } = await hub.shop('proposed');
  const begin = (await people.head()) ?? '';
  await announce('v1.1.0');
  const [first] = (await go({})).pullRequests;
  await people.merge(first ?? 0, { method: 'squash' });
  await go({ rollback: begin });
  await go({});
  await go({ pause: 'ui', reason: 'Wait for the campaign' });
  const [open, ...others] = await pulls();
  expect(others).toEqual([]);
  expect(open).toMatchObject({
    branch: 'hold/production',
    title: 'Roll back product in production: v1.1.0 → v1.0.0',
  });
  expect(open?.body).toMatch(
    /- product v1\.1\.0 is rejected from now on\n- ui is paused \\\(Wait for the campaign\\\) from now on/,
  );
  await people.merge(open?.number ?? 0);
  expect(await version('production')).toBe('v1.0.0');

  await announce('v2.0.0', 'ui');
  const held = await go({});
  expect(held).toMatchObject({ changed: false, held: [{ service: 'ui' }, { service: 'product' }] });
  await announce('v1.2.0');
  await go({});
  expect(await pulls()).toMatchObject([{ title: 'Promote product to production: v1.0.0 → v1.2.0' }]);
});

test('a version that is rejected while its pull request is open leaves the pull request', async () => {
  const { people, go, announce, version, pulls } = await hub.shop('leaves');
  await announce('v1.1.0');
  await announce('v2.0.0', 'ui');
  await go({});
  expect(await version('production', 'product', 'promote/production')).toBe('v1.1.0');
  await people.commit({
    files: { 'manifests/environments/production/held.yaml': '- rejected: product\n  revision: v1.1.0\n' },
    message: 'By hand',
  });
  await go({});
  expect(await version('production', 'product', 'promote/production')).toBe('v1.0.0');
  const [open] = await pulls();
  expect(open?.title).toBe('Promote ui to production: v1.0.0 → v2.0.0');
  expect(open?.body).toContain('stays: `product v1.1.0 is rejected');
});

test('what a squashed pull request has left on its branch does not come back with the next one', async () => {
  const { people, go, pulls } = await hub.shop('leftover');
  await go({ pause: 'product', reason: 'Inventory' });
  await people.merge(1, { method: 'squash' });
  await people.commit({ files: { 'manifests/environments/production/held.yaml': null }, message: 'Go on' });
  await go({ pause: 'ui', reason: 'Campaign' });
  const [open, ...others] = await pulls();
  expect([open?.title, others]).toEqual(['Pause ui in production', []]);
  await people.merge(open?.number ?? 0);
  const text = await people.file('manifests/environments/production/held.yaml');
  expect(text?.match(/^- .*$/gm)).toEqual(['- paused: ui']);
});

test('a run that ended before its pull request was opened opens it when it is run again, and commits nothing once more', async () => {
  const { people, place, go, announce, pulls } = await hub.shop('unopened');
  const pullRequests = {
    path: `^/repos/acme/${place.repo}/pulls`,
    effect: { kind: 'reset-before' },
  } as const;
  await announce('v1.1.0');
  hub.server.faults.schedule({ ...pullRequests, method: 'POST', times: 100 });
  await expect(go({})).rejects.toThrow();
  hub.server.faults.clear();
  const head = await people.head('promote/production');
  await go({}, true);
  expect(await people.head('promote/production')).toBe(head);
  expect(await pulls()).toMatchObject([
    { number: 1, title: 'Promote product to production: v1.0.0 → v1.1.0' },
  ]);
});

test('whoever asks again for what was closed is the one who has asked', async () => {
  const { people, octokit, place, go, pulls } = await hub.shop('closed');
  await go({ pause: 'ui', reason: 'Campaign' });
  await octokit.rest.pulls.update({ ...place, pull_number: 1, state: 'closed' });
  await go({ pause: 'ui', reason: 'Campaign' });
  const [open] = await pulls();
  expect(open).toMatchObject({ number: 2, title: 'Pause ui in production' });
  const held = await people.file('manifests/environments/production/held.yaml', 'hold/production');
  expect(held).toMatch(/actions\/runs\/2$/m);
  expect(held).not.toMatch(/actions\/runs\/1$/m);
});

test('a rollback that is merged while a promotion is open: its pull request goes on from there, or stops for people', async () => {
  const { people, go, announce, version, pulls } = await hub.shop('crossing');
  const begin = (await people.head()) ?? '';
  await announce('v1.1.0');
  await go({});
  await people.merge(1);
  await announce('v1.2.0');
  await go({});
  await go({ rollback: begin });
  await people.merge(3);
  await go({});
  const [open, ...others] = await pulls();
  expect(others).toEqual([]);
  expect(open).toMatchObject({ number: 2, title: 'Promote product to production: v1.0.0 → v1.2.0' });
  await people.merge(2);
  expect(await version('production')).toBe('v1.2.0');

  await announce('v1.3.0');
  await go({});
  await people.commit({ branch: 'promote/production', files: { 'docs/why': 'x' }, message: 'Why' });
  await go({ rollback: begin });
  await people.merge(5);
  await expect(go({})).rejects.toThrow(
    /promote\/production conflicts with main: merge main into it by hand, or delete/,
  );
});

test('services that travel apart have a pull request each: refreshed, closed, and one for all after a change of mind', async () => {
  const { go, announce, version, pulls, people } = await hub.shop('apart');
  const apart = { environment: 'apart' };
  await announce('v1.1.0');
  await announce('v2.0.0', 'ui');
  await people.commit({
    branch: 'promote/apart',
    files: { x: 'x' },
    message: 'From when they travelled together',
  });
  const first = await go(apart);
  expect(first.pullRequests).toHaveLength(2);
  expect((await go(apart)).writes).toBe(0);
  await announce('v1.2.0');
  await go(apart);
  expect((await pulls()).map(({ title, branch }) => `${branch}: ${title}`).sort()).toEqual([
    'promote/apart+product: Promote product to apart: v1.0.0 → v1.2.0',
    'promote/apart+ui: Promote ui to apart: v1.0.0 → v2.0.0',
  ]);
  await announce('v1.0.0', 'ui', { downgrade: true });
  const closed = await go(apart);
  expect(closed.said).toMatch(/pull request #\d is closed as there is nothing left in it/);
  const [left, ...others] = await pulls();
  expect(others).toEqual([]);
  await people.merge(left?.number ?? 0);
  expect([await version('apart'), await version('apart', 'ui')]).toEqual(['v1.2.0', 'v1.0.0']);
});

test('a version that a person has set on the branch stays; what they hand back is promoted again', async () => {
  const { go, announce, version, pulls, people } = await hub.shop('person');
  const branch = 'promote/production';
  const byHand = (version: string) =>
    people.commit({
      branch,
      files: { [pinFile('production', 'product')]: pinText('product', version) },
      message: 'Mine',
    });
  await announce('v1.1.0');
  await announce('v2.0.0', 'ui');
  await go({});
  await byHand('v1.0.9');
  await announce('v1.2.0');
  await announce('v2.1.0', 'ui');
  const kept = await go({});
  expect(kept.said).toMatch(/product is left on promote\/production as a person set it there/);
  expect(await version('production', 'product', branch)).toBe('v1.0.9');
  expect(await version('production', 'ui', branch)).toBe('v2.1.0');
  const [open] = await pulls();
  expect(open?.body).toMatch(
    /`v1\.0\.0` → `v1\.0\.9` \(image, revision\)[\s\S]*left as a person set it on this branch: `product`/,
  );
  expect((await go({})).writes).toBe(0);

  await byHand('v1.0.0');
  await go({});
  expect(await version('production', 'product', branch)).toBe('v1.0.0');
  expect((await pulls())[0]?.title).toBe('Promote ui to production: v1.0.0 → v2.1.0');
  await byHand('v1.1.0');
  await go({});
  expect(await version('production', 'product', branch)).toBe('v1.2.0');
});
