import { afterAll, beforeAll, expect, test } from 'vitest';
import { pinFile, pinText } from '../../sandbox/github/pins.ts';
import { type PromotionHub, promotionHub } from '../../scripts/testing/promotion.ts';
import { mergeAsBase } from '../github/branch.ts';

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

test('a pull request whose version the source has gone back behind is closed', async () => {
  const { people, go, announce, pulls } = await hub.shop('behind');
  await announce('v1.1.0');
  await go({});
  await people.merge(1);
  const middle = (await people.head()) ?? '';
  await announce('v1.2.0');
  await go({});
  await go({ environment: 'staging', rollback: middle });
  await announce('v1.0.0', 'product', { downgrade: true });
  const back = await go({});
  expect(back).toMatchObject({ closed: [2], pullRequests: [], held: [{ version: 'v1.0.0' }] });
  expect(await pulls()).toEqual([]);
});

test('what is asked for in vain is said with what there is', async () => {
  const { go, announce, people } = await hub.shop('vain');
  const canary = { environment: 'canary' };
  const last = async (request: Parameters<typeof go>[0]) => (await go({ ...canary, ...request })).said;
  expect(await last({ release: 'ui' })).toBe(
    'canary: nothing to change: ui has no rejected version; nothing is held',
  );
  await go({ ...canary, pause: 'product', reason: 'Wait' });
  expect(await last({ resume: 'ui' })).toBe(
    'canary: nothing to change: ui is not paused; held are product (paused)',
  );
  await announce('v1.1.0', 'ui');
  await go(canary);
  expect(await last({ rollback: (await people.head()) ?? '' })).toMatch(/stands as at \w+ already; to undo/);
});

test('a rollback says why, in the pull request, its lines and the commit, and mentions nobody', async () => {
  const { people, go, announce, pulls, octokit, place } = await hub.shop('why');
  const begin = (await people.head()) ?? '';
  await announce('v1.1.0');
  await go({});
  await people.merge(1);
  await go({ rollback: begin, reason: 'Checkout fails, closes #1 for @acme/team' });
  const [open] = await pulls();
  expect(open?.body).toContain(
    '- product v1.1.0 is rejected \\(Checkout fails, closes #\u200b1 for @\u200bacme/team\\) from now on',
  );
  expect(open?.body).toMatch(/\+- rejected: product\n[\s\S]*\+ {2}reason: /);
  const { data } = await octokit.rest.repos.getCommit({ ...place, ref: 'hold/production' });
  expect(data.commit.message).toContain('\nReason: Checkout fails, closes #\u200b1 for @\u200bacme/team\n');
});

test('what a person pushes after a branch was judged is not taken away', async () => {
  const { people, announce, go, octokit, place } = await hub.shop('race');
  await announce('v1.1.0');
  await go({});
  const branch = 'promote/production';
  const judged = (await people.head(branch)) ?? '';
  await people.commit({ branch, files: { 'docs/why': 'Mine' }, message: 'Why' });
  await mergeAsBase({ octokit, ...place }, branch, 'main', (await people.head()) ?? '', judged);
  expect(await people.file('docs/why', branch)).toBe('Mine');
});

test('three services and thirty are promoted with the same number of requests', async () => {
  const counts: number[] = [];
  for (const count of [3, 30]) {
    await using many = await promotionHub({
      services: Array.from({ length: count }, (_, index) => `service-${index}`),
      environments: { staging: undefined, production: '{ from: staging, by: pull-request }' },
      version: environment => (environment === 'staging' ? 'v1.1.0' : 'v1.0.0'),
    });
    const { go } = await many.shop('platform');
    const done = await go({});
    expect(done.commits).toHaveLength(1);
    counts.push(done.requests.length);
  }
  expect(counts[1]).toBe(counts[0]);
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

test('an executable pin stays executable, and protected branches take holds by pull request', async () => {
  const { people, go, octokit, place, announce } = await hub.shop('modes');
  const path = pinFile('canary', 'ui');
  const mode = async () => {
    const { data } = await octokit.rest.git.getTree({ ...place, tree_sha: 'main', recursive: 'true' });
    return data.tree.find(each => each.path === path)?.mode;
  };
  const head = (await people.head()) ?? '';
  const { data: commit } = await octokit.rest.git.getCommit({ ...place, commit_sha: head });
  const { data: blob } = await octokit.rest.git.createBlob({ ...place, content: pinText('ui', 'v0.9.0') });
  const tree = [{ path, mode: '100755' as const, type: 'blob' as const, sha: blob.sha }];
  const made = await octokit.rest.git.createTree({ ...place, base_tree: commit.tree.sha, tree });
  const top = await octokit.rest.git.createCommit({
    ...{ ...place, message: 'Executable', tree: made.data.sha, parents: [head] },
  });
  await octokit.rest.git.updateRef({ ...place, ref: 'heads/main', sha: top.data.sha });
  expect(await mode()).toBe('100755');
  await announce('v2.0.0', 'ui');
  await go({ environment: 'canary' });
  expect([await mode(), await people.file(path)]).toEqual(['100755', pinText('ui', 'v2.0.0')]);

  await people.protect('main');
  const paused = await go({ environment: 'canary', pause: 'ui', reason: 'Wait' });
  expect(paused.said).toMatch(/main takes no direct commits[\s\S]*pull request #1 opened/);
  await people.protect('hold/canary');
  await expect(go({ environment: 'canary', pause: 'product', reason: 'Wait' })).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(
      /^The branch hold\/canary takes no commits .*: leave promote\/\* and hold\/\*/,
    ),
  });
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

test('a service is rolled back past another one that was broken then; a broken pin of its own names the commit', async () => {
  const { people, go, announce, version } = await hub.shop('broken');
  const canary = { environment: 'canary' };
  const path = pinFile('canary', 'ui');
  const whole = (await people.file(path)) ?? '';
  await people.commit({ files: { [path]: 'a: b: c\n' }, message: 'A slip' });
  const broken = (await people.head()) ?? '';
  await people.commit({ files: { [path]: whole }, message: 'Mended' });
  await announce('v1.1.0');
  await go(canary);
  await go({ ...canary, rollback: broken, service: 'product' });
  expect(await version('canary')).toBe('v1.0.0');
  await expect(go({ ...canary, rollback: broken })).rejects.toMatchObject({
    at: { file: path, line: 1 },
    message: expect.stringMatching(
      new RegExp(
        `^As it stood at ${broken.slice(0, 10)}, this is no pin to go back to \\(This is not valid YAML`,
      ),
    ),
  });
});

test('what waits in a pull request of holds is named to whoever asks for its opposite', async () => {
  const { go, people } = await hub.shop('waits');
  await go({ pause: 'ui', reason: 'Campaign' });
  const resumed = await go({ resume: 'ui' });
  expect(resumed.said).toMatch(
    /production: nothing to change on main; pull request #1 would change it: merge it first, or close it \(https:\/\/\S+\/1\)$/,
  );
  await people.merge(1);
  expect((await go({ resume: 'ui' })).said).toMatch(/ui is resumed/);
});
