import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestHub, testHub } from '../../sandbox/github/testing.ts';
import { branchWith } from './branch.ts';
import { commit, ProtectedBranch } from './commit.ts';
import { snapshot } from './files.ts';
import { closePullRequests, mergedAs, pullRequest } from './pull-request.ts';
import { repository } from './repository.ts';

const awkward = '\ufeff# ä\r\nlast: line';
let hub: TestHub;
beforeAll(async () => {
  hub = await testHub({
    'pins/a.yaml': awkward,
    'pins/long.yaml': `# ${'x'.repeat(600_000)}\n`,
    'pins/binary': Buffer.from([0, 255, 128]),
    counter: '',
  });
});
afterAll(() => hub?.[Symbol.asyncDispose]());

async function seeded(name: string) {
  const all = await hub.seeded(name);
  return { ...all, target: repository(all.octokit, all.slug) };
}

test('a folder at a commit comes byte for byte, what GitHub shortens or decodes as well', async () => {
  const { target, people } = await seeded('files');
  const before = hub.server.requests.length;
  const found = await snapshot(target, ['pins', 'nowhere']);
  expect(found.head).toBe(await people.head());
  expect(found.branch).toBe('main');
  expect(found.files('pins').map(({ path, bytes }) => [path, bytes.length])).toEqual([
    ['pins/a.yaml', Buffer.byteLength(awkward)],
    ['pins/binary', 3],
    ['pins/long.yaml', 600_003],
  ]);
  expect(Buffer.from(found.files('pins')[0]?.bytes ?? []).toString()).toBe(awkward);
  expect(found.files('nowhere')).toEqual([]);
  expect(hub.server.requests.slice(before)).toHaveLength(3);
  await expect(snapshot(target, ['pins'], { branch: 'gone' })).rejects.toThrow(/no branch gone/);
  await expect(snapshot({ ...target, repo: 'gone' }, ['pins'])).rejects.toThrow(
    /sees no repository acme\/gone/,
  );
});

test('a symbolic link is never followed', async () => {
  const linked = join(hub.run.folder, 'linked');
  await mkdir(join(linked, 'pins'), { recursive: true });
  await symlink('../../etc/passwd', join(linked, 'pins', 'a.yaml'));
  await hub.server.seed({ 'acme/linked': linked });
  const { octokit } = await seeded('other');
  await expect(snapshot(repository(octokit, 'acme/linked'), ['pins'])).rejects.toMatchObject({
    message: expect.stringMatching(/^This is a symbolic link/),
    at: { file: 'pins/a.yaml' },
  });
});

test('eight writers at once on one branch, with lost answers: nobody loses a line', async () => {
  const { target, people } = await seeded('writers');
  hub.server.faults.schedule(
    { path: '/graphql', skip: 3, times: 2, effect: { kind: 'reset-after' } },
    { path: '/graphql', skip: 12, times: 2, effect: { kind: 'truncate' } },
  );
  const names = Array.from({ length: 8 }, (_, index) => `writer-${index}`);
  const commits = await Promise.all(
    names.map(name =>
      commit(target, 'main', async () => {
        const head = (await people.head()) ?? '';
        const text = (await people.file('counter', head)) ?? '';
        const done = text.includes(`${name}\n`);
        const files = done ? [] : [{ path: 'counter', bytes: Buffer.from(`${text}${name}\n`) }];
        return { head, message: { headline: name }, files };
      }),
    ),
  );
  expect(commits).not.toContain(undefined);
  expect((await people.file('counter'))?.trim().split('\n').sort()).toEqual(names.toSorted());
});

test('nothing to do makes no commit, and a protected branch says so', async () => {
  const { target, people } = await seeded('protected');
  const head = (await people.head()) ?? '';
  const plan = (text: string) => async () => ({
    head,
    message: { headline: 'Change' },
    files: text ? [{ path: 'counter', bytes: Buffer.from(text) }] : [],
  });
  expect(await commit(target, 'main', plan(''))).toBeUndefined();
  await people.protect('main');
  await expect(commit(target, 'main', plan('x'))).rejects.toBeInstanceOf(ProtectedBranch);
  expect(await people.head()).toBe(head);
});

test('a branch is made, moved forward and merged, and keeps what people committed to it', async () => {
  const { target, people } = await seeded('branch');
  const first = (await people.head()) ?? '';
  await branchWith(target, 'promote/x', 'main', first);
  expect(await people.head('promote/x')).toBe(first);
  const second = await people.commit({ files: { one: '1' }, message: 'One' });
  await branchWith(target, 'promote/x', 'main', second);
  expect(await people.head('promote/x')).toBe(second);

  const mine = await people.commit({ files: { mine: '1' }, message: 'Mine', branch: 'promote/x' });
  await branchWith(target, 'promote/x', 'main', second);
  expect(await people.head('promote/x')).toBe(mine);
  const third = await people.commit({ files: { two: '2' }, message: 'Two' });
  await branchWith(target, 'promote/x', 'main', third);
  expect(await people.file('mine', 'promote/x')).toBe('1');
  expect(await people.file('two', 'promote/x')).toBe('2');

  await people.commit({ files: { mine: '2' }, message: 'Theirs' });
  await expect(branchWith(target, 'promote/x', 'main', (await people.head()) ?? '')).rejects.toThrow(
    /promote\/x conflicts with main: merge main into it by hand/,
  );
});

test('one pull request a branch: refreshed, with what people wrote around our part, and closed', async () => {
  const { target, people, as } = await seeded('pulls');
  await people.commit({ branch: 'promote/x', files: { one: '1' }, message: 'One' });
  const wish = { head: 'promote/x', base: 'main', title: 'First', body: 'ours' };
  const opened = await Promise.all([pullRequest(target, wish), pullRequest(target, wish)]);
  expect(opened.map(({ number }) => number)).toEqual([1, 1]);
  expect(await pullRequest(target, wish)).toMatchObject({ number: 1, outcome: 'unchanged' });

  const rest = as('octocat').rest.pulls;
  const one = { owner: 'acme', repo: 'pulls', pull_number: 1 };
  const body = async () => (await rest.get(one)).data.body ?? '';
  await rest.update({
    ...one,
    body: `Please wait for Ann.\r\n\r\n${(await body()).replaceAll('\n', '\r\n')}\r\nThanks`,
  });
  const refreshed = await pullRequest(target, { ...wish, title: 'Second', body: 'newer' });
  expect(refreshed).toMatchObject({ number: 1, outcome: 'refreshed' });
  expect(await body()).toMatch(
    /^Please wait for Ann\.\n\n<!-- slipway:begin -->\nnewer\n<!-- slipway:end -->\nThanks$/,
  );

  const close = () => closePullRequests(target, 'main', branch => branch === 'promote/x');
  expect(await close()).toEqual([1]);
  expect(await close()).toEqual([]);
});

test('what the token may not do is told with the permission that it lacks', async () => {
  const { octokit, people } = await seeded('refusals');
  const refused = (status: number, message: string) =>
    hub.server.faults.schedule({ path: '/pulls', effect: { kind: 'status', status, body: { message } } });
  await people.commit({ branch: 'x', files: { one: '1' }, message: 'One' });
  const open = () =>
    pullRequest(repository(octokit, 'acme/refusals'), { head: 'x', base: 'main', title: 'X', body: 'x' });
  refused(403, 'Resource not accessible by integration');
  await expect(open()).rejects.toThrow(
    /may not read and write pull requests .*permissions: \{ pull-requests: write \}/,
  );
  refused(401, 'Bad credentials');
  await expect(open()).rejects.toThrow(/does not know the github-token/);
  hub.server.faults.schedule({
    ...{ method: 'POST', path: '/pulls' },
    effect: {
      ...{ kind: 'status', status: 403 },
      body: { message: 'GitHub Actions is not permitted to create or approve pull requests.' },
    },
  });
  await expect(open()).rejects.toThrow(/tick "Allow GitHub Actions to create and approve pull requests"/);
});

test('which pull request a commit of main was merged as: merge commit, squash, rebase, and nothing else', async () => {
  const { octokit, people, slug } = await seeded('merged');
  const opened = async (branch: string) => {
    for (const name of ['one', 'two']) {
      await people.commit({ branch, files: { [`${branch}-${name}`]: '1' }, message: name });
    }
    return people.openPullRequest({ head: branch, title: branch });
  };
  for (const method of ['merge', 'squash', 'rebase'] as const) {
    const number = await opened(method);
    const head = await people.head(method);
    const merged = await people.merge(number, { method });
    expect(await mergedAs(octokit, slug, merged)).toEqual({ number, head });
    expect(await people.file(`${method}-one`)).toBe('1');
    // A commit that came with the merge is not the merge.
    if (method !== 'squash') {
      const { data } = await octokit.rest.repos.getCommit({ owner: 'acme', repo: 'merged', ref: merged });
      expect(await mergedAs(octokit, slug, data.parents.at(-1)?.sha ?? '')).toBeUndefined();
    }
  }
  expect(
    await mergedAs(octokit, slug, await people.commit({ files: { direct: '1' }, message: 'Direct' })),
  ).toBeUndefined();
  await opened('open');
  expect(await mergedAs(octokit, slug, (await people.head('open')) ?? '')).toBeUndefined();
  expect(await mergedAs(octokit, slug, 'f'.repeat(40))).toBeUndefined();
});

test('a merge into another branch than the default one is none that is deployed', async () => {
  const { octokit, people, slug } = await seeded('stacked');
  await people.commit({ branch: 'base', files: { one: '1' }, message: 'One' });
  await people.commit({ branch: 'top', files: { two: '1' }, message: 'Two' });
  const number = await people.openPullRequest({ head: 'top', base: 'base', title: 'Top' });
  expect(await mergedAs(octokit, slug, await people.merge(number))).toBeUndefined();
});
