import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { planCloudflare } from './cloudflare/plan.ts';
import { planExoscale } from './exoscale/plan.ts';
import { needed } from './github/ask.ts';
import type { EnvironmentState, GitHubWorld } from './github/observe.ts';
import { planGitHub } from './github/plan.ts';
import { outcome, table } from './render.ts';
import type { Row } from './row.ts';
import { planServices } from './services/plan.ts';
import { faults, wish } from './testing.ts';
import { assertPossible, sources, type Wish } from './wish.ts';

const known = { isPrivate: false, unfit: new Map() };

/** An environment in which all is as it should be. */
const sound = (environment: string): EnvironmentState => {
  const demand = wish.workflows.demands.find(each => each.environment === environment);
  return {
    ...{ waitTimer: 0, preventSelfReview: false },
    reviewers: environment === 'production' ? [{ type: 'User', id: 1, name: 'octocat' }] : [],
    policy: demand?.mainOnly ? { protected_branches: false, custom_branch_policies: true } : null,
    branches: demand?.mainOnly ? ['main'] : [],
    secrets: [...(demand?.secrets.keys() ?? [])],
  };
};

const github = (
  change: Partial<GitHubWorld> = {},
  environments: Record<string, unknown> = {},
): GitHubWorld => ({
  repository: { value: { isPrivate: false, isAdmin: true, branch: 'main' } },
  actions: { value: { enabled: true, allowed: 'all', pinned: true } },
  workflowPermissions: { value: { token: 'read', opensPullRequests: true } },
  environments: new Map(
    wish.workflows.demands.map(({ environment }) => [
      environment,
      environment in environments
        ? { value: environments[environment] as EnvironmentState }
        : { value: sound(environment) },
    ]),
  ),
  rules: { value: { checks: ['test'], pullRequests: true } },
  waiting: { value: [] },
  reviewers: new Map(),
  ...change,
});

describe('GitHub', () => {
  test('nothing is to be done where all is as it should be', () => {
    const rows = planGitHub(wish, github(), known);
    expect(faults(rows)).toEqual([]);
    expect(rows.flatMap(({ changes }) => changes)).toEqual([]);
  });

  const with_ = (name: string, change: Partial<EnvironmentState>) =>
    github({}, { [name]: { ...sound(name), ...change } });
  const without = (name: string, secret: string) =>
    with_(name, { secrets: sound(name).secrets.filter(each => each !== secret) });

  test.each<[string, GitHubWorld, unknown[]]>([
    ['no repository', github({ repository: { value: undefined } }), [['repository', 'missing', []]]],
    [
      'a token that may not administer it',
      github({ repository: { value: { isPrivate: false, isAdmin: false, branch: 'main' } } }),
      [['repository', 'wrong', []]],
    ],
    [
      'Actions turned off',
      github({ actions: { value: { enabled: false } } }),
      [['Actions', 'wrong', ['actions']]],
    ],
    [
      'Actions of others forbidden',
      github({ actions: { value: { enabled: true, allowed: 'local_only', pinned: true } } }),
      [['Actions', 'wrong', []]],
    ],
    [
      'Actions not pinned',
      github({ actions: { value: { enabled: true, allowed: 'selected', pinned: false } } }),
      [['Actions', 'missing', ['actions']]],
    ],
    ['a GitHub that pins nothing', github({ actions: { value: { enabled: true } } }), []],
    [
      'a token that writes',
      github({ workflowPermissions: { value: { token: 'write', opensPullRequests: true } } }),
      [["workflows' token", 'wrong', ['workflow permissions']]],
    ],
    [
      'no pull requests',
      github({ workflowPermissions: { value: { token: 'read', opensPullRequests: false } } }),
      [['pull requests', 'missing', ['workflow permissions']]],
    ],
    [
      'no check',
      github({ rules: { value: { checks: ['lint'], pullRequests: true } } }),
      [['main', 'missing', ['ruleset']]],
    ],
    [
      'a push that has the check',
      github({ rules: { value: { checks: ['test'], pullRequests: false } } }),
      [['main', 'missing', ['ruleset']]],
    ],
    [
      'a review that nobody answers',
      github({ waiting: { value: ['deploy #7'] } }),
      [['reviews', 'warning', []]],
    ],
    ['runs that cannot be read', github({ waiting: { unreadable: 'no' } }), [['reviews', 'unknown', []]]],
    ['rules that cannot be read', github({ rules: { unreadable: 'no' } }), [['main', 'unknown', []]]],
    [
      'every branch in staging',
      with_('staging', { policy: null, branches: [] }),
      [['staging', 'wrong', ['environment', 'branch']]],
    ],
    ['main not in staging', with_('staging', { branches: [] }), [['staging', 'wrong', ['branch']]]],
    [
      'another branch in staging',
      with_('staging', { branches: ['main', 'next'] }),
      [['staging', 'wrong', []]],
    ],
    [
      'protected branches in staging',
      with_('staging', { policy: { protected_branches: true, custom_branch_policies: false }, branches: [] }),
      [['staging', 'warning', []]],
    ],
    [
      'main alone where plans run',
      with_('staging-plan', { policy: { protected_branches: true, custom_branch_policies: false } }),
      [['staging-plan', 'wrong', []]],
    ],
    ['no reviewer', with_('production', { reviewers: [] }), [['production: reviewers', 'warning', []]]],
    [
      'no key in staging',
      without('staging', 'EXOSCALE_API_KEY'),
      [['staging: secrets', 'missing', ['secret']]],
    ],
    [
      'no key to read with, and none here',
      without('staging-plan', 'EXOSCALE_API_KEY'),
      [['staging-plan: secrets', 'missing', []]],
    ],
    ['no key for promotions without gates', without('production-promote', 'EXOSCALE_API_KEY'), []],
    ['no token for public repositories', without('staging', 'REPOSITORY_TOKEN'), []],
    ['no token for public images', without('staging', 'REGISTRY_TOKEN'), []],
    [
      'the review key in three of four',
      without('staging', 'REVIEW_KEY'),
      [['REVIEW_KEY', 'missing', ['secret', 'secret', 'secret', 'secret']]],
    ],
  ])('%s', (_, world, expected) => {
    expect(faults(planGitHub(wish, world, known))).toEqual(expected);
  });

  test('an environment that is not there is made before anything is put into it', () => {
    const rows = planGitHub(wish, github({}, { staging: undefined }), known);
    expect(rows.flatMap(({ changes }) => changes.map(({ kind }) => kind))).toEqual(
      expect.arrayContaining(['environment', 'branch', 'secret']),
    );
    expect(rows.flatMap(({ changes }) => changes)[0]).toMatchObject({
      kind: 'environment',
      environment: 'staging',
    });
  });

  test('a review key that is in some places is made anew where it was first, and one that was given is added', () => {
    const order = (variables: Wish['variables']) =>
      planGitHub({ ...wish, variables }, without('staging', 'REVIEW_KEY'), known)
        .flatMap(({ changes }) => changes)
        .map(change => 'environment' in change && change.environment);
    expect(order({}).at(-1)).toBe('staging');
    expect(order({})).toHaveLength(4);
    expect(order({ REVIEW_KEY: 'own' })).toEqual(['staging']);
  });

  test.each([[false], [true], [undefined]])(
    'whether administrators go past it stays as it is: %s',
    adminsBypass => {
      const [change] = planGitHub(wish, with_('staging', { policy: null, adminsBypass }), known).flatMap(
        each => each.changes,
      );
      const body = change?.kind === 'environment' ? change.body : undefined;
      expect(body?.can_admins_bypass).toBe(adminsBypass);
      expect(body && 'can_admins_bypass' in body).toBe(adminsBypass !== undefined);
    },
  );

  test('a review key that is rotated is taken away everywhere before it is set anywhere', () => {
    const changes = planGitHub({ ...wish, rotate: ['REVIEW_KEY'] }, github(), known).flatMap(
      each => each.changes,
    );
    const readers = ['staging', 'staging-plan', 'production', 'production-plan'].sort();
    const of = (kind: string) =>
      changes.flatMap(each => (each.kind === kind && 'environment' in each ? each.environment : [])).sort();
    expect([of('no secret'), of('secret')]).toEqual([readers, readers]);
    expect(changes.findLastIndex(({ kind }) => kind === 'no secret')).toBe(3);
  });

  test('a gate that asks for approval needs a reviewer, and one who was named becomes it beside those who are', () => {
    const { production, ...others } = wish.platform.environments;
    if (!production?.promote) throw new Error('production is promoted to');
    const promote = { ...production.promote, approval: 'production-promote' };
    const platform = {
      ...wish.platform,
      environments: { ...others, production: { ...production, promote } },
    };
    expect(faults(planGitHub({ ...wish, platform }, github(), known))).toEqual([
      ['production-promote: reviewers', 'missing', []],
    ]);
    const named = github({ reviewers: new Map([['hubot', 7]]) });
    const changes = planGitHub(wish, named, known).flatMap(each => each.changes);
    expect(changes).toMatchObject([
      {
        environment: 'production',
        body: { reviewers: [{ id: 1 }, { id: 7 }], deployment_branch_policy: {} },
      },
    ]);
  });

  test('what the other APIs refuse is not put into an environment', () => {
    const unfit = new Map([['EXOSCALE_API_KEY', ['staging']]]);
    const rows = planGitHub(wish, without('staging', 'EXOSCALE_API_KEY'), { ...known, unfit });
    expect(faults(rows)).toEqual([['staging: secrets', 'missing', []]]);
  });

  test('a token for private images is set by whoever has one', () => {
    const having = { ...wish, variables: { ...wish.variables, REGISTRY_TOKEN: 'r' } };
    const rows = planGitHub(having, without('staging', 'REGISTRY_TOKEN'), known);
    expect(faults(rows)).toEqual([['staging: secrets', 'missing', ['secret']]]);
  });

  test('private repositories need a token to be read with', () => {
    const rows = planGitHub(wish, without('staging', 'REPOSITORY_TOKEN'), { ...known, isPrivate: true });
    expect(faults(rows)).toEqual([['staging: secrets', 'missing', []]]);
  });
});

test('where nothing could be read nothing is written', () => {
  const unreadable = { unreadable: 'the token is over' };
  const world: GitHubWorld = {
    ...{ repository: unreadable, actions: unreadable, workflowPermissions: unreadable, rules: unreadable },
    ...{ waiting: unreadable, environments: new Map(), reviewers: new Map([['octocat', 1]]) },
  };
  const all = planGitHub({ ...wish, rotate: ['REVIEW_KEY', 'EXOSCALE_API_KEY'] }, world, known);
  expect(all.flatMap(({ changes }) => changes)).toEqual([]);
});

test('a service needs its repository, and its folder at every pin', () => {
  const service = { name: 'ui', slug: 'acme/ui', repository: { value: { isPrivate: false } } };
  const pin = { environments: ['staging'], revision: 'v1', path: 'deploy' };
  const [absent, gone, fine] = planServices([
    { ...service, repository: { value: undefined }, pins: [] },
    { ...service, pins: [{ ...pin, isThere: { value: false } }] },
    { ...service, pins: [{ ...pin, isThere: { value: true } }] },
  ]);
  expect([absent?.state, gone?.state, fine?.state]).toEqual(['missing', 'missing', 'ok']);
  expect(gone?.says).toBe('acme/ui has no folder deploy at v1 (staging)');
});

test('an environment beside one of the platform takes no key that is not meant for it', () => {
  expect(sources(wish, 'staging', 'EXOSCALE_API_KEY')).toEqual([
    'STAGING_EXOSCALE_API_KEY',
    'EXOSCALE_API_KEY',
  ]);
  expect(sources(wish, 'staging-plan', 'EXOSCALE_API_KEY')).toEqual([
    'STAGING_PLAN_EXOSCALE_API_KEY',
    'PLAN_EXOSCALE_API_KEY',
  ]);
});

test('an environment of the platform whose name begins with that of another is not beside it', () => {
  const { environments } = wish.platform;
  const { staging } = environments;
  if (!staging) throw new Error('there is staging');
  const platform = { ...wish.platform, environments: { ...environments, 'staging-eu': staging } };
  const shared = (name: string) => sources({ ...wish, platform }, name, 'EXOSCALE_API_KEY')[1];
  expect(['staging-eu', 'staging-eu-plan', 'staging-plan'].map(shared)).toEqual([
    'EXOSCALE_API_KEY',
    'PLAN_EXOSCALE_API_KEY',
    'PLAN_EXOSCALE_API_KEY',
  ]);
});

test('what cannot be rotated is refused, all of it at once', () => {
  const rotate = ['REVIEW_KEYS', 'CLOUDFLARE_API_TOKEN', 'REVIEW_KEY', 'EXOSCALE_API_KEY'];
  expect(() => assertPossible({ ...wish, rotate })).toThrow(
    /^No workflow reads a secret REVIEW_KEYS.*\nThere is no new value for CLOUDFLARE_API_TOKEN: set one of the variables [\w, ]+$/,
  );
});

test('keys that nobody has here are to be exported, and where they come from is said', () => {
  const environments = ['staging-plan', 'production-plan'];
  const key = { environments, variables: ['PLAN_EXOSCALE_API_KEY', 'PLAN_EXOSCALE_API_SECRET'] };
  const none = { unreadable: 'no key is set here' };
  const exoscale = planExoscale(wish, {
    ...{ keys: [], unset: [key], bucket: none, quotas: none, toBuild: none },
  });
  const unset = [{ environments: ['staging'], variable: 'CLOUDFLARE_API_TOKEN' }];
  const where = 'docs/getting-started.md#4-make-the-keys says with which rights';
  expect([exoscale[0], ...planCloudflare({ tokens: [], unset })]).toMatchObject([
    {
      says: 'not looked at: PLAN_EXOSCALE_API_KEY and PLAN_EXOSCALE_API_SECRET are not set here',
      todo: `export PLAN_EXOSCALE_API_KEY=… PLAN_EXOSCALE_API_SECRET=…: ${where}`,
    },
    { todo: `export CLOUDFLARE_API_TOKEN=…: ${where}` },
  ]);
});

test('what a token may not read is told in one row, and what to do about it once in the table', () => {
  const advice = `: ${needed}`;
  const refused = (what: string) => ({ unreadable: `The github-token may not ${what} ("no")${advice}` });
  const world: GitHubWorld = {
    repository: { value: { isPrivate: false, isAdmin: false, branch: 'main' } },
    actions: refused('read the settings of Actions'),
    workflowPermissions: refused('read what workflows may do'),
    rules: refused('read the rules for main'),
    waiting: { value: [] },
    environments: new Map(
      wish.workflows.demands.map(({ environment }) => [environment, refused(`read ${environment}`)]),
    ),
    reviewers: new Map(),
  };
  const service = { slug: 'acme/ui', repository: refused('read the repository'), pins: [] };
  const rows = [...planGitHub(wish, world, known), ...planServices([{ name: 'ui', ...service }])];
  const text = stripVTControlCharacters(table(rows));
  expect(text.split(needed)).toHaveLength(2);
  expect(text).toMatch(
    /\n {2}\? \d+ checks +not read: The github-token may not read the settings of Actions \("no"\); nor workflows' token, pull requests, main, production, [\w, -]+ and staging-plan\n/,
  );
  expect(text).toMatch(/\n {2}\? ui +not read: The github-token may not read the repository \("no"\)$/);
});

test('what keeps many checks from being made is told once, and long lines are broken', () => {
  const row = (name: string, says: string, more: Partial<Row> = {}): Row => ({
    ...{ area: 'GitHub', name, state: 'unknown', says, changes: [] },
    ...more,
  });
  const rows = [
    row('a', 'not read: no'),
    row('b', 'not read: no'),
    row('c', 'not read: no'),
    row('d', 'one two three four five six seven', { state: 'missing', todo: 'do it' }),
  ];
  expect(stripVTControlCharacters(table(rows, 46)).split('\n')).toEqual([
    'GitHub',
    '  ? 3 checks  not read: no',
    '  ✗ d         one two three four five six',
    '              seven',
    '              → do it',
  ]);
  expect(outcome(rows)).toBe('1 missing, 3 not looked at; what is marked → is for you');
});
