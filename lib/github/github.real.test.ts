import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getOctokit } from '@actions/github';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GitHub, github } from '../../sandbox/github/index.ts';
import { openRun } from '../../sandbox/run.ts';
import { branchWith } from './branch.ts';
import { comment } from './comment.ts';
import { commit, ProtectedBranch } from './commit.ts';
import { snapshot } from './files.ts';
import { closePullRequest, pullRequest } from './pull-request.ts';
import { repository } from './repository.ts';

const run = openRun();
const seed = join(run.folder, 'seed');
const awkward = '\ufeff# ä\r\nlast: line';
let server: GitHub;

beforeAll(async () => {
  await mkdir(join(seed, 'pins'), { recursive: true });
  await writeFile(join(seed, 'pins', 'a.yaml'), awkward);
  await writeFile(join(seed, 'pins', 'long.yaml'), `# ${'x'.repeat(600_000)}\n`);
  await writeFile(join(seed, 'pins', 'binary'), Buffer.from([0, 255, 128]));
  await writeFile(join(seed, 'counter'), '');
  server = await github(run);
});
afterAll(async () => {
  await server.close();
  await run.close();
});

/** A repository of its own for each test, seen by a workflow's token. */
async function seeded(name: string) {
  await server.seed({ [`acme/${name}`]: seed });
  const as = (login: string) => getOctokit(server.token(login), { baseUrl: server.url });
  const octokit = as('github-actions[bot]');
  const people = server.repository(`acme/${name}`);
  return { slug: `acme/${name}`, octokit, as, people, target: repository(octokit, `acme/${name}`) };
}

async function withPull(name: string) {
  const all = await seeded(name);
  await all.people.commit({ branch: 'topic', files: { new: 'x' }, message: 'New' });
  const issue_number = await all.people.openPullRequest({ head: 'topic', title: 'New' });
  const list = async () => {
    const issue = { owner: 'acme', repo: name, issue_number, per_page: 100 };
    return (await all.octokit.paginate(all.octokit.rest.issues.listComments, issue)).map(
      ({ id, body = '', user }) => ({
        ...{ id, body, login: user?.login },
      }),
    );
  };
  const say = (section: string, body: string) =>
    comment(all.octokit, { repository: all.slug, pullRequest: issue_number, section, body });
  return { ...all, issue_number, list, say };
}

const writes = (from: number) =>
  server.requests
    .slice(from)
    .filter(({ method, body }) => method !== 'GET' && !/^\{"query":"query/.test(body));

test('one comment, a section a job; the same text again writes nothing', async () => {
  const { list, say } = await withPull('comment');
  await say('plan staging', 'one');
  await say('plan production', 'two');
  await say('plan staging', 'three');
  const [only, ...others] = await list();
  expect(others).toEqual([]);
  expect(only?.body).toMatch(/^<!-- slipway -->[\s\S]*two[\s\S]*three/);
  expect(only?.body).not.toContain('one');
  const before = server.requests.length;
  await say('plan staging', 'three');
  expect(writes(before)).toEqual([]);
});

test('it is found on a later page, a comment of somebody else with our marker is left alone, a deleted one made anew', async () => {
  const { list, say, as, octokit, slug, issue_number } = await withPull('pages');
  const [owner = '', repo = ''] = slug.split('/');
  const person = as('mallory').rest.issues;
  await person.createComment({ owner, repo, issue_number, body: '<!-- slipway -->\nmine now' });
  for (let index = 0; index < 100; index++)
    await person.createComment({ owner, repo, issue_number, body: 'noise' });
  await say('plan', 'first');
  await say('plan', 'second');
  const ours = (await list()).filter(({ login }) => login === 'github-actions[bot]');
  expect(ours).toHaveLength(1);
  expect(ours[0]?.body).toContain('second');
  expect((await list())[0]).toMatchObject({ login: 'mallory', body: '<!-- slipway -->\nmine now' });

  await octokit.rest.issues.deleteComment({ owner, repo, comment_id: Number(ours[0]?.id) });
  await say('plan', 'third');
  expect((await list()).at(-1)?.body).toContain('third');
});

test('a job whose writing comes late puts back what it wrote over', async () => {
  const { list, say } = await withPull('late');
  await say('first', 'text of first.');
  const before = server.requests.length;
  server.faults.schedule({ path: '/graphql', skip: 1, effect: { kind: 'delay', milliseconds: 1500 } });
  const slow = say('slow', 'text of slow.');
  await expect.poll(() => writes(before).length).toBe(1);
  await say('fast', 'text of fast.');
  expect((await list())[0]?.body).toContain('text of fast.');
  await slow;
  const [only] = await list();
  for (const name of ['first', 'slow', 'fast']) expect(only?.body).toContain(`text of ${name}.`);
});

test('twenty jobs at once, slow and with lost answers: every section is there, in one comment', async () => {
  const { list, say } = await withPull('jobs');
  server.faults.schedule(
    { path: '/graphql', skip: 5, times: 6, effect: { kind: 'delay', milliseconds: 400 } },
    { path: '/graphql', skip: 20, times: 3, effect: { kind: 'reset-after' } },
    { path: '/graphql', skip: 30, times: 2, effect: { kind: 'truncate' } },
    { path: '/graphql', skip: 40, times: 2, effect: { kind: 'status', status: 502 } },
    { path: '/graphql', skip: 50, times: 2, effect: { kind: 'rate-limit', retryAfter: 1 } },
  );
  const names = Array.from({ length: 20 }, (_, index) => `job ${index}`);
  await Promise.all(names.map(name => say(name, `text of ${name}.`)));
  const all = await list();
  expect(all).toHaveLength(1);
  for (const name of names) expect(all[0]?.body).toContain(`text of ${name}.`);
});

test('what somebody took out of the comment by hand stays out', async () => {
  const { list, say, as, slug } = await withPull('redacted');
  const [owner = '', repo = ''] = slug.split('/');
  await say('a', 'public');
  await say('b', 'a secret');
  const [only] = await list();
  const body = only?.body.replace('a secret', 'removed') ?? '';
  await as('octocat').rest.issues.updateComment({ owner, repo, comment_id: Number(only?.id), body });
  await say('a', 'still public');
  expect((await list())[0]?.body).toMatch(/still public[\s\S]*removed/);
});

test('a folder at a commit comes byte for byte, what GitHub shortens or decodes as well', async () => {
  const { target, people } = await seeded('files');
  const before = server.requests.length;
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
  expect(server.requests.slice(before)).toHaveLength(3);
  await expect(snapshot(target, ['pins'], 'gone')).rejects.toThrow(/no branch gone/);
  await expect(snapshot({ ...target, repo: 'gone' }, ['pins'])).rejects.toThrow(
    /sees no repository acme\/gone/,
  );
});

test('a symbolic link is never followed', async () => {
  const linked = join(run.folder, 'linked');
  await mkdir(join(linked, 'pins'), { recursive: true });
  await symlink('../../etc/passwd', join(linked, 'pins', 'a.yaml'));
  await server.seed({ 'acme/linked': linked });
  const { octokit } = await seeded('other');
  await expect(snapshot(repository(octokit, 'acme/linked'), ['pins'])).rejects.toMatchObject({
    message: expect.stringMatching(/^This is a symbolic link/),
    at: { file: 'pins/a.yaml' },
  });
});

test('eight writers at once on one branch, with lost answers: nobody loses a line', async () => {
  const { target, people } = await seeded('writers');
  server.faults.schedule(
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

  expect(await closePullRequest(target, 'promote/x', 'main')).toBe(1);
  expect(await closePullRequest(target, 'promote/x', 'main')).toBeUndefined();
});

test('what the token may not do is told with the permission that it lacks', async () => {
  const { octokit, people } = await seeded('refusals');
  const refused = (status: number, message: string) =>
    server.faults.schedule({ path: '/pulls', effect: { kind: 'status', status, body: { message } } });
  await people.commit({ branch: 'x', files: { one: '1' }, message: 'One' });
  const open = () =>
    pullRequest(repository(octokit, 'acme/refusals'), { head: 'x', base: 'main', title: 'X', body: 'x' });
  refused(403, 'Resource not accessible by integration');
  await expect(open()).rejects.toThrow(
    /may not open pull requests .*permissions: \{ pull-requests: write \}/,
  );
  refused(401, 'Bad credentials');
  await expect(open()).rejects.toThrow(/does not know the github-token/);
  server.faults.schedule({
    ...{ method: 'POST', path: '/pulls' },
    effect: {
      ...{ kind: 'status', status: 403 },
      body: { message: 'GitHub Actions is not permitted to create or approve pull requests.' },
    },
  });
  await expect(open()).rejects.toThrow(/tick "Allow GitHub Actions to create and approve pull requests"/);
});
