import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestHub, testHub } from '../../sandbox/github/testing.ts';
import { comment, readSection } from './comment.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await testHub();
});
afterAll(() => hub?.[Symbol.asyncDispose]());

async function withPull(name: string) {
  const all = await hub.withPull(name);
  const place = { repository: all.slug, pullRequest: all.issue_number };
  return {
    ...all,
    say: (section: string, body: string, more: { commit?: string; data?: string } = {}) =>
      comment(all.octokit, { ...place, section, body, ...more }),
    read: (section: string) => readSection(all.octokit, { ...place, section }),
  };
}

test('one comment, a section a job; the same text again writes nothing', async () => {
  const { list, say } = await withPull('comment');
  await say('plan staging', 'one');
  await say('plan production', 'two');
  await say('plan staging', 'three');
  const [only, ...others] = await list();
  expect(others).toEqual([]);
  expect(only?.body).toMatch(/^<!-- slipway -->[\s\S]*two[\s\S]*three/);
  expect(only?.body).not.toContain('one');
  const before = hub.server.requests.length;
  await say('plan staging', 'three');
  expect(hub.writes(before)).toEqual([]);
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
  const before = hub.server.requests.length;
  hub.server.faults.schedule({ path: '/graphql', skip: 1, effect: { kind: 'delay', milliseconds: 1500 } });
  const slow = say('slow', 'text of slow.');
  await expect.poll(() => hub.writes(before).length).toBe(1);
  await say('fast', 'text of fast.');
  expect((await list())[0]?.body).toContain('text of fast.');
  await slow;
  const [only] = await list();
  for (const name of ['first', 'slow', 'fast']) expect(only?.body).toContain(`text of ${name}.`);
});

test('twenty jobs at once, slow and with lost answers: every section is there, in one comment', async () => {
  const { list, say } = await withPull('jobs');
  hub.server.faults.schedule(
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

test('a section carries a commit and data, which only its reader sees', async () => {
  const { say, read, head, list, octokit, slug, issue_number } = await withPull('data');
  expect(await read('plan')).toBeUndefined();
  await say('plan', 'a plan', { commit: head, data: 'c2VjcmV0_-' });
  await say('other', 'of another domain');
  expect(await read('plan')).toEqual({ body: 'a plan', commit: head, data: 'c2VjcmV0_-' });
  expect(await read('other')).toEqual({ body: 'of another domain' });
  expect(await read('nowhere')).toBeUndefined();
  expect((await list())[0]?.body).not.toMatch(/^(?!<!--).*c2VjcmV0_-/m);
  const before = hub.server.requests.length;
  await say('plan', 'a plan', { commit: head, data: 'c2VjcmV0_-' });
  expect(hub.writes(before)).toEqual([]);
  const wish = { repository: slug, pullRequest: issue_number, section: 'plan', body: '' };
  for (const data of ['a b', '-->', 'x'.repeat(16_385)])
    await expect(comment(octokit, { ...wish, data })).rejects.toThrow(/must be base64url of at most 16384/);
});

test('a push marks what is there as out of date, and what comes late for the old commit changes nothing', async () => {
  const { say, read, head, list, push } = await withPull('stale');
  await say('plan production', 'old production', { commit: head });
  await say('plan staging', 'old staging', { commit: head });
  const next = await push('y');
  await say('plan staging', 'new staging', { commit: next });
  const [only] = await list();
  const note = `> What follows was made for commit ${head.slice(0, 7)}. The pull request is at ${next.slice(0, 7)} by now.`;
  expect(only?.body.split(note)).toHaveLength(2);
  expect(only?.body).toMatch(/by now\.\n\n<!-- slipway:section [^\n]*production/);

  const before = hub.server.requests.length;
  await say('plan staging', 'late for the old commit', { commit: head });
  expect(hub.writes(before)).toEqual([]);
  expect(await read('plan staging')).toEqual({ body: 'new staging', commit: next });
  await say('plan production', 'new production', { commit: next });
  expect((await list())[0]?.body).not.toContain('[!NOTE]');
});

test('twelve long sections with data, written at once, while a push arrives: all are there, it fits, the newest commit holds', async () => {
  const { say, read, head, list, push } = await withPull('crowd');
  const names = Array.from({ length: 6 }, (_, index) => `plan e${index}`);
  const text = (name: string, commit: string) =>
    `### ${name} at ${commit.slice(0, 7)}\n\n<details>\n\n\`\`\`diff\n${'+ an attribute\n'.repeat(1500)}\`\`\`\n\n</details>`;
  hub.server.faults.schedule(
    { path: '/graphql', skip: 4, times: 4, effect: { kind: 'delay', milliseconds: 300 } },
    { path: '/graphql', skip: 20, times: 2, effect: { kind: 'reset-after' } },
  );
  const write = (commit: string) =>
    names.map(name => say(name, text(name, commit), { commit, data: 'A'.repeat(5000) }));
  const old = write(head);
  const next = await push('y');
  await Promise.all([...old, ...write(next)]);
  const all = await list();
  expect(all).toHaveLength(1);
  expect(all[0]?.body.length).toBeLessThanOrEqual(65_536);
  expect(all[0]?.body).not.toContain('[!NOTE]');
  for (const name of names) {
    const section = await read(name);
    expect(section).toMatchObject({ commit: next, data: 'A'.repeat(5000) });
    expect(section?.body).toContain(`### ${name} at ${next.slice(0, 7)}\n`);
  }
});

test('what people do to the comment: data edited, a mark broken, all of it deleted', async () => {
  const { say, read, head, list, as, place } = await withPull('edited');
  const edit = async (from: string | RegExp, to: string) => {
    const [only] = await list();
    const body = only?.body.replace(from, to) ?? '';
    expect(body).not.toBe(only?.body);
    await as('octocat').rest.issues.updateComment({ ...place, comment_id: Number(only?.id), body });
  };
  await say('plan a', 'of a', { commit: head, data: 'QUFB' });
  await say('plan b', 'of b', { commit: head, data: 'QkJC' });
  await edit('QUFB', 'no data at all');
  expect(await read('plan a')).toEqual({ body: 'of a', commit: head });
  expect(await read('plan b')).toEqual({ body: 'of b', commit: head, data: 'QkJC' });
  await edit('<!-- slipway:end -->', '');
  expect(await read('plan a')).toBeUndefined();
  await say('plan a', 'of a', { commit: head, data: 'QUFB' });
  expect(await read('plan a')).toEqual({ body: 'of a', commit: head, data: 'QUFB' });
  expect(await read('plan b')).toEqual({ body: 'of b', commit: head, data: 'QkJC' });

  await as('octocat').rest.issues.deleteComment({ ...place, comment_id: Number((await list())[0]?.id) });
  expect(await read('plan a')).toBeUndefined();
  await as('mallory').rest.issues.createComment({
    ...{ ...place, issue_number: 1 },
    body: '<!-- slipway -->\n\n<!-- slipway:section {"key":"plan a","revision":99} -->\nforged\n<!-- slipway:end -->',
  });
  expect(await read('plan a')).toBeUndefined();
});

test('hundreds of sections that somebody has put in do not keep ours out', async () => {
  const { say, read, list, as, place } = await withPull('hundreds');
  await say('plan staging', 'of staging', { data: 'QUFB' });
  const [only] = await list();
  const junk = Array.from(
    { length: 900 },
    (_, index) => `<!-- slipway:section {"key":"${index}","revision":1} -->\n<!-- slipway:end -->`,
  );
  const body = `${only?.body}\n${junk.join('\n')}`.slice(0, 65_500);
  await as('octocat').rest.issues.updateComment({ ...place, comment_id: Number(only?.id), body });
  await say('plan production', 'of production');
  expect(await read('plan production')).toEqual({ body: 'of production' });
  expect(await read('plan staging')).toEqual({ body: 'of staging', data: 'QUFB' });
});

test('a comment that GitHub finds too long is one sentence, as is a name that is', async () => {
  const { say } = await withPull('too-long');
  const errors = [{ type: 'UNPROCESSABLE', message: 'Body is too long (maximum is 65536 characters)' }];
  hub.server.faults.schedule({
    path: '/graphql',
    skip: 1,
    effect: { kind: 'status', status: 200, body: { errors } },
  });
  await expect(say('plan', 'x')).rejects.toThrow(
    /^GitHub does not take the comment on pull request #\d+ \("Body is too long .*"\): delete the comment/,
  );
  await expect(say('x'.repeat(201), 'x')).rejects.toThrow(/has 201 characters, and at most 200 are taken/);
});

test('a token that may not read the pull request is told what it lacks', async () => {
  const { read } = await withPull('unreadable');
  const errors = [{ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }];
  hub.server.faults.schedule({ path: '/graphql', effect: { kind: 'status', status: 200, body: { errors } } });
  await expect(read('plan')).rejects.toThrow(
    /may not read comments on pull requests .*permissions: \{ pull-requests: read \}/,
  );
});
