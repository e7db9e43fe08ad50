import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ancestry } from '../../github/ancestry.ts';
import type { PlatformFile } from '../../platform/platform.ts';
import { readPin } from '../pin.ts';
import { takeOver } from '../plan.ts';
import type { Application } from './application.ts';
import { approval } from './approval.ts';
import { attestation } from './attestation.ts';
import { candidate } from './candidate.ts';
import { check, checkKey } from './check.ts';
import type { Facts } from './facts.ts';
import { freeze } from './freeze.ts';
import { type Gate, judge, passed, waits } from './gate.ts';
import { healthy } from './healthy.ts';
import { soak } from './soak.ts';
import { downgrade, tags } from './tags.ts';
import { application, candidateOf, digest, moveOf, repository } from './testing.ts';

const commit = 'a'.repeat(40);
const before = { revision: 'b'.repeat(40), image: `${repository}:1.0.0@${digest('0')}` };
const after = { revision: commit, image: `${repository}:1.1.0@${digest('1')}` };
const ui = candidateOf(before, after);
const noon = new Date('2026-11-27T12:00:00Z');
const minutes = (count: number) => new Date(noon.getTime() + count * 60_000);

const say = (gate: Gate, facts: Partial<Facts>, about = ui) => gate.judge(about, { now: noon, ...facts });
const running = (change: (application: Application) => void = () => {}): Partial<Facts> => {
  const found = application(after.revision, after.image);
  change(found);
  return { applications: new Map([['ui', found]]) };
};
const status = ({ status: found }: Application) => found ?? {};

test('healthy: the very revision and the very digest are Synced and Healthy', () => {
  expect(say(healthy('staging'), running())).toEqual(passed('Synced and Healthy in staging'));
});

test.each<[string, (application: Application) => void, RegExp]>([
  [
    'spec at another revision',
    a => (a.spec = { source: { targetRevision: 'c' } }),
    /asks for revision c instead/,
  ],
  ['not compared since', a => (status(a).sync = { status: 'Synced', revision: commit }), /is at revision/],
  [
    'compared with the source before',
    a =>
      (status(a).sync = {
        status: 'Synced',
        revision: commit,
        comparedTo: { source: { targetRevision: 'c' } },
      }),
    /Argo CD is at revision a{40} in staging/,
  ],
  [
    'synced to another commit',
    a => Object.assign(status(a).sync ?? {}, { revision: 'c' }),
    /is at revision c in staging/,
  ],
  [
    'not compared with its new images',
    a => Object.assign(a.spec?.source ?? {}, { kustomize: { images: [after.image] } }),
    /has not compared staging with its new images yet/,
  ],
  ['OutOfSync', a => Object.assign(status(a).sync ?? {}, { status: 'OutOfSync' }), /is OutOfSync in staging/],
  [
    'a refresh asked for',
    a => (a.metadata.annotations = { 'argocd.argoproj.io/refresh': 'hard' }),
    /has not looked/,
  ],
  ['an operation to come', a => (a.operation = { sync: {} }), /a sync of it is under way/],
  [
    'an operation that goes on',
    a => (status(a).operationState = { phase: 'Running' }),
    /a sync of it is under way/,
  ],
  [
    'an operation that failed',
    a =>
      (status(a).operationState = {
        phase: 'Failed',
        finishedAt: '2026-11-27T11:58:00Z',
        message: 'hook\nfailed',
      }),
    /has not succeeded: hook failed/,
  ],
  [
    'Degraded',
    a => (status(a).health = { status: 'Degraded', message: 'crash loop' }),
    /is Degraded in staging: crash loop/,
  ],
  ['no health', a => delete status(a).health, /is of unknown health/],
  [
    'another digest of the same tag',
    a => (status(a).summary = { images: [`${repository}:1.1.0@${digest('2')}`] }),
    /does not run ghcr\.io\/acme\/ui:1\.1\.0@sha256:1{64} but ghcr\.io\/acme\/ui:1\.1\.0@sha256:2{64}$/,
  ],
  ['the tag alone', a => (status(a).summary = { images: [`${repository}:1.1.0`] }), /does not run/],
  ['no image', a => delete status(a).summary, /but no image of that name/],
  ['being deleted', a => (a.metadata.deletionTimestamp = '2026-11-27T12:00:00Z'), /is being deleted/],
])('healthy: a move waits when it is %s, and soak with it', (_, change, why) => {
  for (const gate of [healthy('staging'), soak('staging', '30m')]) {
    const verdict = say(gate, { ...running(change), now: minutes(600) });
    expect(verdict).toMatchObject({ outcome: 'waits', why: expect.stringMatching(why) });
  }
});

test('healthy: a digest may run under another tag, and images beside it do not matter', () => {
  const images = [`postgres:17`, `ghcr.io/acme/ui:main@${digest('1')}`];
  expect(
    say(
      healthy('staging'),
      running(a => (status(a).summary = { images })),
    ),
  ).toMatchObject({ outcome: 'passed' });
});

test('healthy: without a digest it is the tag that must run, and nothing behind it', () => {
  const tagged = candidateOf(before, { ...after, image: `${repository}:1.1.0` });
  const say = (...images: string[]) =>
    healthy('staging').judge(tagged, { now: noon, ...running(a => (status(a).summary = { images })) })
      ?.outcome;
  expect(say(`${repository}:1.1.0`)).toBe('passed');
  expect(say(`${repository}:1.0.0`, `${repository}:1.1.0@${digest('1')}`)).toBe('waits');
});

test('healthy: every image that moves must run', () => {
  const pinned = (version: string) => {
    const images = `[${repository}:${version}, "proxy=ghcr.io/acme/proxy:${version}"]`;
    const text = `kind: Application\nspec: { source: { targetRevision: ${commit}, kustomize: { images: ${images} } } }\n`;
    return readPin('ui', 'ui.yaml', Buffer.from(text));
  };
  const [move] = takeOver([pinned('2')], [pinned('1')]).moves;
  const both = move && candidate(move, repository);
  const say = (...images: string[]) =>
    both &&
    healthy('staging').judge(both, { now: noon, ...running(a => (status(a).summary = { images })) })?.why;
  expect(say(`${repository}:2`, 'ghcr.io/acme/proxy:2')).toBe('Synced and Healthy in staging');
  expect(say(`${repository}:2`, 'ghcr.io/acme/proxy:1')).toMatch(/does not run ghcr\.io\/acme\/proxy:2 but/);
});

test('healthy: without an Application of that name there is nothing that could be', () => {
  for (const applications of [undefined, new Map()])
    expect(say(healthy('staging'), applications ? { applications } : {})).toMatchObject({
      outcome: 'waits',
      why: 'there is no Application ui in the cluster of staging',
    });
});

test.each<[string, Date, (application: Application) => void, string]>([
  ['a minute too early', minutes(29), () => {}, '2026-11-27 12:30 UTC'],
  ['in time', minutes(30), () => {}, ''],
  [
    'after a flap',
    minutes(40),
    a => (status(a).health = { status: 'Healthy', lastTransitionTime: '2026-11-27T12:20:00Z' }),
    '2026-11-27 12:50 UTC',
  ],
  [
    'deployed again',
    minutes(40),
    a => status(a).history?.push({ revision: commit, deployedAt: '2026-11-27T12:30:30Z' }),
    '2026-11-27 13:01 UTC',
  ],
  [
    'synced again',
    minutes(40),
    a => (status(a).operationState = { phase: 'Succeeded', finishedAt: '2026-11-27T12:15:00Z' }),
    '2026-11-27 12:45 UTC',
  ],
  [
    'deployed by a version before',
    minutes(40),
    a => status(a).history?.unshift({ revision: 'c', deployedAt: '2026-11-27T12:39:00Z' }),
    '',
  ],
])('soak: %s', (_, now, change, ripe) => {
  const verdict = say(soak('staging', '30m'), { ...running(change), now });
  expect(verdict?.outcome).toBe(ripe ? 'waits' : 'passed');
  if (ripe) expect(verdict?.why).toMatch(new RegExp(`which makes 30m at ${ripe}$`));
});

test('soak: what Argo CD does not say is not taken for long ago', () => {
  const verdict = say(soak('staging', '1s'), {
    ...running(a => (status(a).health = { status: 'Healthy' })),
    now: minutes(9999),
  });
  expect(verdict).toMatchObject({ outcome: 'waits', why: expect.stringMatching(/does not say since when/) });
});

test('soak: it is ripe at the moment it names and not a second before, and a flap never makes it riper', () => {
  const time = fc
    .integer({ min: 0, max: 100_000 })
    .map(s => new Date(noon.getTime() + s * 1000).toISOString());
  const soaking = soak('staging', '1h30m');
  fc.assert(
    fc.property(time, time, time, (lastTransitionTime, deployedAt, finishedAt) => {
      const facts = (flap = lastTransitionTime) =>
        running(a => {
          status(a).health = { status: 'Healthy', lastTransitionTime: flap };
          status(a).history = [{ revision: commit, deployedAt }];
          status(a).operationState = { phase: 'Succeeded', finishedAt };
        });
      const ripe = say(soaking, { ...facts(), now: new Date(0) })?.until ?? new Date(0);
      const latest = [lastTransitionTime, deployedAt, finishedAt].sort().at(-1) ?? '';
      expect(ripe.getTime() - Date.parse(latest)).toBe(90 * 60_000);
      expect(say(soaking, { ...facts(), now: ripe })?.outcome).toBe('passed');
      expect(say(soaking, { ...facts(), now: new Date(ripe.getTime() - 1000) })?.outcome).toBe('waits');
      const flapped = say(soaking, {
        ...facts(new Date(Date.parse(latest) + 1000).toISOString()),
        now: ripe,
      });
      expect(flapped?.outcome).toBe('waits');
    }),
  );
});

const windows = [{ from: 'fri 12:00', to: 'mon 07:00', 'time-zone': 'UTC', reason: 'weekend' }];

test('freeze: a move waits within a window, until its end, unless a hotfix says why', () => {
  expect(say(freeze(windows), {})).toEqual(
    waits('weekend, until Mon 2026-11-30 07:00 (UTC)', new Date('2026-11-30T07:00:00Z')),
  );
  expect(say(freeze(windows), { now: new Date('2026-11-27T11:59:00Z') })).toMatchObject({
    outcome: 'passed',
  });
  expect(say(freeze(windows, { reason: 'CVE-2026-1', actor: 'octocat' }), {})).toMatchObject({
    outcome: 'bypassed',
    why: 'weekend, until Mon 2026-11-30 07:00 (UTC); hotfix of octocat: CVE-2026-1',
  });
});

const review = (state: 'approved' | 'rejected' | 'pending', ...environments: string[]) => ({
  ...{ state, environments, user: 'octocat' },
});
test.each([
  ['approved', [review('approved', 'Production')], /^approved for "production" by octocat$/, 'passed'],
  ['approved for another', [review('approved', 'staging')], /was not approved for "production"/, 'waits'],
  ['not yet', [review('pending', 'production')], /was not approved/, 'waits'],
  ['nobody', [], /give its job `environment: production`/, 'waits'],
  ['rejected', [review('approved', 'production'), review('rejected', 'production')], /has rejected/, 'waits'],
  ['no run', undefined, /outside of a run/, 'waits'],
])('approval: %s', (_, reviews, why, outcome) => {
  expect(say(approval('production'), { reviews })).toMatchObject({
    outcome,
    why: expect.stringMatching(why),
  });
});

test('attestation: what was verified counts for that digest, and a tag has none', () => {
  const attestations = new Map([[`ui ${digest('1')}`, passed('attested')]]);
  expect(say(attestation, { attestations })).toEqual(passed('attested'));
  const other = candidateOf(before, { ...after, image: `${repository}:1.1.0@${digest('2')}` });
  expect(say(attestation, { attestations }, other)).toMatchObject({ outcome: 'waits' });
  const tag = candidateOf(before, { ...after, image: `${repository}:1.1.0` });
  expect(say(attestation, { attestations }, tag)?.why).toBe(
    '"1.1.0" can be moved to another image: announce it with its digest',
  );
});

test('check: an answer is for one version only', () => {
  const checks = new Map([[checkKey(ui), passed('yes')]]);
  expect(say(check, { checks })).toEqual(passed('yes'));
  const other = candidateOf(before, { ...after, image: `${repository}:1.1.1` });
  expect(say(check, { checks }, other)).toMatchObject({
    outcome: 'waits',
    why: expect.stringMatching(/not asked/),
  });
});

const services = (policy: object | undefined) =>
  ({
    ui: { repository: '', image: repository, host: 'ui', tags: policy },
  }) as unknown as PlatformFile['services'];

test('tags and downgrade: what the policy says, and a downgrade only when asked for', () => {
  expect(say(tags(services({ semver: '^1.1' })), {})).toMatchObject({ outcome: 'passed' });
  expect(say(tags(services({ semver: '^2' })), {})).toMatchObject({
    outcome: 'waits',
    why: '"1.1.0" is outside of ^2',
  });
  const back = candidateOf(after, before);
  expect(say(downgrade(services({ semver: '*' }), false), {}, back)).toEqual(
    waits('it is older than 1.1.0: give the input downgrade if that is what you want'),
  );
  expect(say(downgrade(services({ semver: '*' }), true), {}, back)).toMatchObject({ outcome: 'bypassed' });
  expect(say(downgrade(services({ semver: '*' }), false), {})).toEqual(passed('newer than 1.0.0'));

  // Nobody has chosen an order: what is plainly older waits all the same, and nothing else is said.
  for (const policy of [undefined, { pattern: '.*' }]) {
    expect(say(downgrade(services(policy), false), {}, back)).toMatchObject({ outcome: 'waits' });
    expect(say(downgrade(services(policy), false), {})).toBeUndefined();
  }
});

test('tags: a move of the revision alone does not judge the image that stands there', () => {
  const revision = candidateOf(before, { ...before, revision: commit });
  expect(say(tags(services({ semver: '^9' })), {}, revision)).toBeUndefined();
});

test.each<[Ancestry | undefined, string]>([
  ['ahead', 'passed'],
  ['behind', 'waits'],
  ['diverged', 'waits'],
  [undefined, 'waits'],
])('downgrade: by commits, %s', (found, outcome) => {
  const ancestry = new Map(found ? [[`ui ${before.revision}...${commit}`, found]] : []);
  expect(say(downgrade(services({ newest: 'commits' }), false), { ancestry })).toMatchObject({ outcome });
});

test('a move passes when every gate lets it, and says all that holds it', () => {
  const yes: Gate = { name: 'yes', judge: () => passed('fine') };
  const no: Gate = { name: 'no', judge: () => waits('never') };
  const silent: Gate = { name: 'silent', judge: () => undefined };
  const moves = [moveOf(before, after)];
  const about = (gates: Gate[]) =>
    judge(
      moves.map(move => candidate(move, repository)),
      gates,
      { now: noon },
    );
  expect(about([yes, silent])).toMatchObject({
    passed: moves,
    waiting: [],
    results: [{ gate: 'yes', version: '1.1.0' }],
  });
  expect(about([yes, no, no])).toMatchObject({
    passed: [],
    waiting: [{ reasons: [{ gate: 'no' }, { gate: 'no' }] }],
  });
  expect(about([])).toEqual({ passed: moves, waiting: [], results: [] });
});

test('soak and check say nothing of what waits already', () => {
  const nothing = { applications: new Map() };
  expect(say(soak('staging', '30m', false), nothing)).toBeUndefined();
  expect(judge([ui], [freeze(windows), check], { now: noon }).waiting).toMatchObject([
    { reasons: [{ gate: 'freeze', until: new Date('2026-11-30T07:00:00Z') }] },
  ]);
});

test.each<[string, Ancestry | undefined, string | undefined]>([
  ['goes back', 'behind', 'it is older than bbbbbbb: give the input downgrade if that is what you want'],
  ['goes on', 'ahead', undefined],
  ['is on another line', 'diverged', undefined],
  ['is not known', undefined, undefined],
])('downgrade: without an order, a commit that %s', (_, found, why) => {
  const [one, other] = ['main-1', 'main-2'].map(tag => `${repository}:${tag}`);
  const move = candidateOf({ ...before, image: one ?? '' }, { ...after, image: other ?? '' });
  const ancestry = new Map(found ? [[`ui ${before.revision}...${commit}`, found]] : []);
  const verdict = say(downgrade(services(undefined), false), { ancestry }, move);
  expect(verdict?.why).toBe(why?.replace('bbbbbbb', 'main-1'));
});

test('every entry of the own image is judged, under whatever name it stands', () => {
  const pinned = (web: string, worker: string) =>
    readPin(
      'ui',
      'ui.yaml',
      Buffer.from(
        `kind: Application\nspec: { source: { targetRevision: c, kustomize: { images: ["${repository}:${web}", "worker=${repository}:${worker}"] } } }\n`,
      ),
    );
  const at = (version: string, digit: string) => `${version}@${digest(digit)}`;
  const [move] = takeOver([pinned(at('1.1.0', '1'), at('0.9.0', '2'))], [pinned('1.0.0', '1.0.0')]).moves;
  if (!move) throw new Error('no move');
  const both = candidate(move, repository);
  const attestations = new Map([[`ui ${digest('1')}`, passed('attested')]]);
  expect(say(attestation, { attestations }, both)).toMatchObject({ outcome: 'waits' });
  attestations.set(`product ${digest('2')}`, passed('attested for another service'));
  expect(say(attestation, { attestations }, both)).toMatchObject({ outcome: 'waits' });
  attestations.set(`ui ${digest('2')}`, passed('attested'));
  expect(say(attestation, { attestations }, both)).toEqual(passed('attested'));
  expect(say(tags(services({ semver: '^1' })), {}, both)?.why).toBe('"0.9.0" is outside of ^1');
  expect(say(downgrade(services({ semver: '*' }), false), {}, both)).toMatchObject({ outcome: 'waits' });
});

test('tags: a pin without an entry of the own image waits', () => {
  const foreign = { ...before, image: 'mirror.example.com/ui:1.0.0' };
  const move = candidateOf(foreign, { ...foreign, image: 'mirror.example.com/ui:9.0.0' });
  expect(say(tags(services({ semver: '^1' })), {}, move)).toMatchObject({ outcome: 'waits' });
  expect(say(tags(services({ newest: 'commits' })), {}, move)).toBeUndefined();
});
