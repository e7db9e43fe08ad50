import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestHub, testHub } from '../../sandbox/github/testing.ts';
import { raiseIssue, settleIssue } from './issue.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await testHub();
});
afterAll(() => hub?.[Symbol.asyncDispose]());

async function tracked(name: string) {
  const all = await hub.seeded(name);
  let run = 0;
  const request = (body: string, key = 'drift staging') => ({
    ...{ repository: all.slug, key, title: `Title of ${key}`, body },
    seen: `[run ${++run}](https://github.com/acme/${name}/actions/runs/${run})`,
  });
  return {
    ...all,
    raise: (body: string, key?: string) => raiseIssue(all.octokit, request(body, key)),
    settle: (body = 'All is well') => settleIssue(all.octokit, request(body)),
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

test('one issue: opened, brought up to date, closed, opened again; the same again writes nothing', async () => {
  const { raise, settle, issues } = await tracked('life');
  expect(await settle()).toBeUndefined();
  expect(await raise('first')).toMatchObject({ number: 1, outcome: 'opened' });
  expect(await raise('of production', 'drift production')).toMatchObject({ number: 2, outcome: 'opened' });
  let before = hub.server.requests.length;
  expect(await raise('first')).toMatchObject({ number: 1, outcome: 'unchanged' });
  expect(hub.writes(before)).toEqual([]);
  expect(await raise('second')).toMatchObject({ number: 1, outcome: 'updated' });
  expect((await issues()).find(({ number }) => number === 1)).toMatchObject({
    title: 'Title of drift staging',
    state: 'open',
    body: expect.stringMatching(/second\n<!-- slipway:seen -->\n\n\[run 5\]/),
  });

  expect(await settle()).toMatchObject({ number: 1, outcome: 'closed' });
  const closed = (await issues()).find(({ number }) => number === 1);
  expect(closed).toMatchObject({ state: 'closed', state_reason: 'completed' });
  expect(closed?.body).toMatch(
    /All is well\n\n<details><summary>What it was<\/summary>\n\nsecond\n\n<\/details>/,
  );
  before = hub.server.requests.length;
  expect(await settle()).toBeUndefined();
  expect(hub.writes(before)).toEqual([]);

  expect(await raise('second')).toMatchObject({ number: 1, outcome: 'reopened' });
  const again = (await issues()).find(({ number }) => number === 1);
  expect(again).toMatchObject({ state: 'open', state_reason: 'reopened' });
  expect(again?.body).not.toContain('All is well');
  expect(await issues()).toHaveLength(2);
});

test('what people do to it: renamed, written around, closed as done, closed as not planned, deleted marks', async () => {
  const { raise, settle, issues, change } = await tracked('people');
  await raise('first');
  const [issue] = await issues();
  const body = `Ann looks at this.\r\n\r\n${issue?.body.replaceAll('\n', '\r\n')}\r\nThanks`;
  await change(1, { title: 'Mine now', body });
  expect(await raise('first')).toMatchObject({ outcome: 'unchanged' });
  await raise('second');
  expect((await issues())[0]).toMatchObject({
    title: 'Mine now',
    body: expect.stringMatching(
      /^Ann looks at this\.\n\n<!-- slipway:issue "drift staging" -->\nsecond\n[\s\S]*\nThanks$/,
    ),
  });

  await change(1, { state: 'closed' });
  expect(await raise('second')).toMatchObject({ number: 1, outcome: 'reopened' });
  await change(1, { state: 'closed', state_reason: 'not_planned' });
  const before = hub.server.requests.length;
  expect(await raise('second')).toMatchObject({ number: 1, outcome: 'accepted' });
  expect(hub.writes(before)).toEqual([]);
  expect(await settle()).toBeUndefined();
  expect(await raise('third')).toMatchObject({ number: 1, outcome: 'reopened' });

  await change(1, { body: 'all gone' });
  expect(await raise('third')).toMatchObject({ number: 2, outcome: 'opened' });
});

test('an issue of somebody else with our mark is not ours, and one on a later page is', async () => {
  const { raise, issues, as, place } = await tracked('pages');
  const create = as('mallory').rest.issues.create;
  await create({
    ...place,
    title: 'x',
    body: '<!-- slipway:issue "drift staging" -->\nx\n<!-- slipway:seen -->\n<!-- slipway:end -->',
  });
  for (let index = 0; index < 100; index++) await create({ ...place, title: 'noise' });
  expect(await raise('ours')).toMatchObject({ number: 102, outcome: 'opened' });
  expect(await raise('ours, newer')).toMatchObject({ number: 102, outcome: 'updated' });
  expect((await issues())[0]?.body).toContain('\nx\n');
});

test('two at once, and answers that get lost: one issue stays open', async () => {
  const { raise, settle, issues } = await tracked('race');
  hub.server.faults.schedule(
    { method: 'POST', path: '/issues$', effect: { kind: 'reset-after' } },
    { method: 'PATCH', path: '/issues/', effect: { kind: 'reset-after' } },
    { method: 'PATCH', path: '/issues/', effect: { kind: 'status', status: 502 } },
  );
  await Promise.all([raise('a'), raise('a'), raise('a')]);
  const open = (await issues()).filter(({ state }) => state === 'open');
  expect(open.map(({ number }) => number)).toEqual([1]);
  await raise('b');
  await settle();
  expect((await issues()).filter(({ state }) => state === 'open')).toEqual([]);
});

test('a long text is cut, and still known as the same', async () => {
  const { raise, issues } = await tracked('long');
  const text = `### long\n\n\`\`\`diff\n${'+ x\n'.repeat(20_000)}\`\`\``;
  await raise(text);
  expect((await issues())[0]?.body.length).toBeLessThan(65_536);
  expect(await raise(text)).toMatchObject({ outcome: 'unchanged' });
});

test.each([
  [403, 'Resource not accessible by integration', /may not write issues .*permissions: \{ issues: write \}/],
  [410, 'Issues are disabled for this repo', /has its issues turned off: turn them on/],
])('GitHub refuses with %i', async (status, message, sentence) => {
  const { raise } = await tracked(`refused-${status}`);
  hub.server.faults.schedule({
    method: 'POST',
    path: '/issues$',
    effect: { kind: 'status', status, body: { message } },
  });
  await expect(raise('x')).rejects.toThrow(sentence);
});
