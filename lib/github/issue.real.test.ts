import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestHub, testHub } from '../../sandbox/github/testing.ts';
import { tellIssue } from './issue.ts';
import type { PartName } from './issue-body.ts';
import type { Found } from './revise.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await testHub();
});
afterAll(() => hub?.[Symbol.asyncDispose]());

/** A repository with a token, and looks at it of one run after the other. */
async function tracked(name: string) {
  const all = await hub.seeded(name);
  let night = 0;
  const tell = (found: Found, part: PartName, key: string) => {
    const run = `https://github.com/${all.slug}/actions/runs/${night}`;
    return tellIssue(all.octokit, {
      ...{ repository: all.slug, key, title: `Title of ${key}`, part, found },
      ...{ run, seen: `[run ${night}](${run})` },
    });
  };
  return {
    ...all,
    /** What follows is of the next run. */
    next: () => {
      night++;
    },
    drifted: (text: string, part: PartName = 'Terraform', key = 'drift staging') =>
      tell({ state: 'drifted', text }, part, key),
    clean: (part: PartName = 'Terraform') => tell({ state: 'clean' }, part, 'drift staging'),
    unseen: (part: PartName = 'Terraform') => tell({ state: 'unseen' }, part, 'drift staging'),
    issues: async () =>
      (await all.octokit.rest.issues.listForRepo({ ...all.place, state: 'all', direction: 'asc' })).data.map(
        ({ number, title, state, state_reason, body, user }) => ({
          ...{ number, title, state, state_reason, login: user?.login },
          body: body ?? '',
        }),
      ),
    change: (number: number, wish: object, by = 'octocat') =>
      all.as(by).rest.issues.update({ ...all.place, issue_number: number, ...wish }),
  };
}

test('one part: opened, brought up to date, closed, opened again; the same again writes nothing', async () => {
  const { drifted, clean, issues, next } = await tracked('life');
  expect(await clean()).toBeUndefined();
  expect(await drifted('first')).toMatchObject({ number: 1, outcome: 'opened' });
  expect(await drifted('of production', 'Terraform', 'drift production')).toMatchObject({
    ...{ number: 2, outcome: 'opened' },
  });
  next();
  let before = hub.server.requests.length;
  expect(await drifted('first')).toMatchObject({ number: 1, outcome: 'unchanged' });
  expect(hub.writes(before)).toEqual([]);
  expect(await drifted('second')).toMatchObject({ number: 1, outcome: 'updated' });
  expect((await issues()).find(({ number }) => number === 1)).toMatchObject({
    title: 'Title of drift staging',
    state: 'open',
    body: expect.stringMatching(/second\n<!-- slipway:rest -->\n<!-- slipway:seen -->\n\n\[run 1\]/),
  });

  next();
  expect(await clean()).toMatchObject({ number: 1, outcome: 'closed' });
  const closed = (await issues()).find(({ number }) => number === 1);
  expect(closed).toMatchObject({ state: 'closed', state_reason: 'completed' });
  expect(closed?.body).toMatch(
    /\*\*Nothing has drifted any more\.\*\*[\s\S]*<summary>What it was<\/summary>[\s\S]*second/,
  );
  before = hub.server.requests.length;
  expect(await clean()).toBeUndefined();
  expect(hub.writes(before)).toEqual([]);

  next();
  expect(await drifted('second')).toMatchObject({ number: 1, outcome: 'reopened' });
  const again = (await issues()).find(({ number }) => number === 1);
  expect(again).toMatchObject({ state: 'open', state_reason: 'reopened' });
  expect(again?.body).not.toContain('Nothing has drifted');
  expect(await issues()).toHaveLength(2);
});

test('three parts: one that failed closes nothing, and the last of a run that found none closes it', async () => {
  const { drifted, clean, unseen, issues, next } = await tracked('parts');
  expect(await clean('Terraform')).toBeUndefined();
  expect(await unseen('Cluster')).toBeUndefined();
  expect(await drifted('a record', 'DNS')).toMatchObject({ number: 1, outcome: 'opened' });

  next(); // all is well again, but for the cluster, at which nobody can look
  expect(await clean('Terraform')).toMatchObject({ outcome: 'updated' });
  expect(await unseen('Cluster')).toMatchObject({ outcome: 'updated' });
  expect(await clean('DNS')).toMatchObject({ outcome: 'updated' });
  const [open] = await issues();
  expect(open).toMatchObject({ state: 'open' });
  expect(open?.body).toMatch(
    /\*\*No drift is known any more\.\*\*[\s\S]*## Cluster\n\nIt has not been seen since this was opened/,
  );

  next(); // again, and it is known what was known: nothing
  expect(await clean('Terraform')).toMatchObject({ outcome: 'updated' });
  const before = hub.server.requests.length;
  expect(await unseen('Cluster')).toMatchObject({ outcome: 'unchanged' });
  expect(hub.writes(before)).toEqual([]);
  expect(await clean('DNS')).toMatchObject({ outcome: 'updated' });

  next();
  expect(await clean('Terraform')).toMatchObject({ outcome: 'updated' });
  expect(await drifted('by hand', 'Cluster')).toMatchObject({ outcome: 'updated' });
  expect((await issues())[0]?.body).toContain('**Drifted: Cluster.**');
  expect(await clean('DNS')).toMatchObject({ outcome: 'updated' });

  next();
  expect(await clean('Terraform')).toMatchObject({ outcome: 'updated' });
  expect(await clean('Cluster')).toMatchObject({ outcome: 'updated' });
  expect(await clean('DNS')).toMatchObject({ number: 1, outcome: 'closed' });
  expect(await issues()).toMatchObject([{ state: 'closed', state_reason: 'completed' }]);
});

test('what people do to it: renamed, written around, closed as done, closed as not planned, deleted marks', async () => {
  const { drifted, clean, issues, change } = await tracked('people');
  await drifted('first');
  const [issue] = await issues();
  const body = `Ann looks at this.\r\n\r\n${issue?.body.replaceAll('\n', '\r\n')}\r\nThanks`;
  await change(1, { title: 'Mine now', body });
  expect(await drifted('first')).toMatchObject({ outcome: 'unchanged' });
  await drifted('second');
  expect((await issues())[0]).toMatchObject({
    title: 'Mine now',
    body: expect.stringMatching(
      /^Ann looks at this\.\n\n<!-- slipway:issue "drift staging" -->\n[\s\S]*\nsecond\n[\s\S]*\nThanks$/,
    ),
  });

  await change(1, { state: 'closed' });
  expect(await drifted('second')).toMatchObject({ number: 1, outcome: 'reopened' });
  await change(1, { state: 'closed', state_reason: 'not_planned' });
  const before = hub.server.requests.length;
  expect(await drifted('second')).toMatchObject({ number: 1, outcome: 'accepted' });
  expect(hub.writes(before)).toEqual([]);
  expect(await clean()).toBeUndefined();
  expect(await drifted('third', 'DNS')).toMatchObject({ number: 1, outcome: 'reopened' });

  await change(1, { body: 'all gone' });
  expect(await drifted('third')).toMatchObject({ number: 2, outcome: 'opened' });
});

test('an issue of somebody else with our mark is not ours, and one on a later page is', async () => {
  const { drifted, issues, as, place } = await tracked('pages');
  const create = as('mallory').rest.issues.create;
  await create({
    ...place,
    title: 'x',
    body: '<!-- slipway:issue "drift staging" -->\nx\n<!-- slipway:seen -->\n<!-- slipway:end -->',
  });
  for (let index = 0; index < 100; index++) await create({ ...place, title: 'noise' });
  expect(await drifted('ours')).toMatchObject({ number: 102, outcome: 'opened' });
  expect(await drifted('ours, newer')).toMatchObject({ number: 102, outcome: 'updated' });
  expect((await issues())[0]?.body).toContain('\nx\n');
});

test('two at once, and answers that get lost: one issue stays open', async () => {
  const { drifted, clean, issues, next } = await tracked('race');
  hub.server.faults.schedule(
    { method: 'POST', path: '/issues$', effect: { kind: 'reset-after' } },
    { method: 'PATCH', path: '/issues/', effect: { kind: 'reset-after' } },
    { method: 'PATCH', path: '/issues/', effect: { kind: 'status', status: 502 } },
  );
  await Promise.all([drifted('a'), drifted('a'), drifted('a')]);
  const open = async () => (await issues()).filter(({ state }) => state === 'open');
  expect((await open()).map(({ number }) => number)).toEqual([1]);
  await drifted('b');
  next();
  await clean();
  expect(await open()).toEqual([]);
});

test('whoever was killed with an issue of their own leaves it to the next, who takes over what it says', async () => {
  const { drifted, unseen, issues, as, place } = await tracked('second');
  await drifted('a plan');
  const [first] = await issues();
  const theirs =
    first?.body.replace('"name":"Terraform"', '"name":"DNS"').replace('a plan', 'a record') ?? '';
  await as('github-actions[bot]').rest.issues.create({ ...place, title: 'x', body: theirs });
  // The second says something that the first does not, and stays until that does.
  await drifted('another plan');
  expect((await issues()).map(({ state }) => state)).toEqual(['open', 'open']);
  await unseen('DNS');
  expect((await issues()).map(({ state }) => state)).toEqual(['open', 'open']);
  await drifted('a record', 'DNS');
  expect((await issues()).map(({ state }) => state)).toEqual(['open', 'closed']);
  expect((await issues())[0]?.body).toMatch(/another plan[\s\S]*a record/);
});

test.each([
  [403, 'Resource not accessible by integration', /may not write issues .*permissions: \{ issues: write \}/],
  [410, 'Issues are disabled for this repo', /has its issues turned off: turn them on/],
])('GitHub refuses with %i', async (status, message, sentence) => {
  const { drifted } = await tracked(`refused-${status}`);
  hub.server.faults.schedule({
    method: 'POST',
    path: '/issues$',
    effect: { kind: 'status', status, body: { message } },
  });
  await expect(drifted('x')).rejects.toThrow(sentence);
});
