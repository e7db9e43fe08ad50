import { afterAll, beforeAll, expect, test } from 'vitest';
import { pinFile, pinText } from '../../sandbox/github/pins.ts';
import { flowHub, type PromotionHub, promotionHub } from '../../scripts/testing/promotion.ts';
import { mergeAsBase } from '../github/branch.ts';

let hub: PromotionHub;
beforeAll(async () => {
  hub = await flowHub();
});
afterAll(async () => {
  expect(hub?.server.complaints).toEqual([]);
  await hub?.[Symbol.asyncDispose]();
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
