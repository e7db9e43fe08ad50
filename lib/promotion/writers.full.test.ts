import { afterAll, beforeAll, expect, test } from 'vitest';
import { pinFile, pinText } from '../../sandbox/github/pins.ts';
import { type PromotionHub, promotionHub } from '../../scripts/testing/promotion.ts';

const services = Array.from({ length: 20 }, (_, index) => `s${index}`);
let hub: PromotionHub;
beforeAll(async () => {
  hub = await promotionHub({ services, environments: { staging: undefined } });
});
afterAll(() => hub?.[Symbol.asyncDispose]());

test('twenty builds announce at once, with lost answers and others in between: no version is lost, each commit is a true state', async () => {
  const { people, announce, octokit, place } = await hub.shop('writers');
  const begin = (await people.head()) ?? '';
  hub.server.faults.schedule(
    { path: '/graphql', skip: 22, times: 3, effect: { kind: 'reset-after' } },
    { path: '/graphql', skip: 40, times: 2, effect: { kind: 'truncate' } },
    { path: '/graphql', skip: 55, times: 2, effect: { kind: 'status', status: 502 } },
    { path: '/graphql', skip: 70, times: 2, effect: { kind: 'reset-before' } },
    { path: '/graphql', skip: 80, times: 2, effect: { kind: 'delay', milliseconds: 500 } },
  );
  const writers = services.map(service => announce('v2.0.0', service));
  const strangers = [1, 2, 3].map(async index => {
    for (;;) {
      // Somebody pushes in between, as people do: every plan that is under way is stale then.
      const done = await people
        .commit({ files: { [`docs/${index}`]: 'x' }, message: `By hand ${index}` })
        .catch(() => undefined);
      if (done) return;
    }
  });
  await Promise.all([...writers, ...strangers]);
  const { requests } = hub.server;
  expect(new Set(requests.flatMap(({ fault }) => fault ?? []))).toEqual(
    new Set(['reset-after', 'truncate', 'status', 'reset-before', 'delay']),
  );

  const { data } = await octokit.rest.repos.listCommits({ ...place, per_page: 100 });
  const all = data.map(({ sha, commit }) => ({ sha, message: commit.message })).reverse();
  expect(all[0]?.sha).toBe(begin);
  const promotions = all.filter(({ message }) => message.startsWith('Promote '));
  expect(promotions.length).toBeLessThanOrEqual(20);
  // Heads that had moved were met too, and not once.
  const tries = requests.filter(({ body }) => body.includes('createCommitOnBranch'));
  expect(tries.length).toBeGreaterThan(promotions.length + 10);
  let before = new Set<string>();
  for (const { sha, message } of all) {
    const texts = await Promise.all(services.map(service => people.file(pinFile('staging', service), sha)));
    const moved = new Set(services.filter((service, index) => texts[index] === pinText(service, 'v2.0.0')));
    const rest = services.filter((service, index) => texts[index] === pinText(service, 'v1.0.0'));
    // Nothing in between, nothing taken back, and just what its message says.
    expect(moved.size + rest.length).toBe(20);
    const fresh = [...moved].filter(service => !before.has(service));
    expect([...before].filter(service => !moved.has(service))).toEqual([]);
    expect(fresh.map(service => `Promote ${service} to staging: v1.0.0 → v2.0.0`)).toEqual(
      message.startsWith('Promote ') ? [message.split('\n')[0]] : [],
    );
    before = moved;
  }
  expect(before.size).toBe(20);
  expect(all).toHaveLength(promotions.length + 4);
});
