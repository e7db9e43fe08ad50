import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestHub, testHub } from '../../sandbox/github/testing.ts';
import { type Between, commitsBetween } from './between.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await testHub();
});
afterAll(async () => {
  expect(hub?.server.complaints).toEqual([]);
  await hub?.[Symbol.asyncDispose]();
});

const told = (between: Between | undefined) =>
  between?.known
    ? [
        ...between.commits.map(({ headline, author }) => `${author}: ${headline}`),
        `left ${between.left}`,
        between.isAll,
      ]
    : between?.why;

test('the commits between many pairs of revisions come in one request, and what is not seen is told apart', async () => {
  const one = await hub.seeded('one');
  const two = await hub.seeded('two');
  const begin = (await one.people.head()) ?? '';
  const first = await one.people.commit({
    files: { a: 'a' },
    message: 'First\n\nwith a body',
    author: 'ada',
  });
  await one.octokit.rest.git.createRef({ ...one.place, ref: 'refs/tags/v1', sha: first });
  const second = await one.people.commit({ files: { b: 'b' }, message: 'Second' });
  // An annotated tag is an object of its own; people push them.
  const bare = join(hub.run.folder, 'github', `${one.slug}.git`);
  const who = {
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
    PATH: process.env.PATH ?? '',
  };
  const args = ['--git-dir', bare, 'tag', '--annotate', '--message', 'Two', 'v2', second];
  await promisify(execFile)('git', args, { env: who });
  const side = await one.people.commit({ branch: 'side', files: { c: 'c' }, message: 'Aside' });
  const other = (await two.people.head()) ?? '';

  const from = hub.server.requests.length;
  const found = await commitsBetween(one.octokit, [
    { slug: one.slug, from: begin, to: 'v2' },
    { slug: one.slug, from: 'v2', to: 'v1' },
    { slug: one.slug, from: second, to: side },
    { slug: two.slug, from: other, to: other },
    { slug: 'acme/hidden', from: 'v1', to: 'v2' },
    { slug: one.slug, from: 'v1', to: 'v9' },
  ]);
  expect(found.map(told)).toEqual([
    ['octocat: Second', 'ada: First', 'left 0', true],
    ['left 1', true],
    ['octocat: Aside', 'left 0', true],
    ['left 0', true],
    'this token does not see the repository',
    'the repository has no such new revision',
  ]);
  expect(hub.server.requests.length - from).toBe(1);
  expect(await commitsBetween(one.octokit, [])).toEqual([]);
});
