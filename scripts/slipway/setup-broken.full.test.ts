import { expect, test } from 'vitest';
import { cloudflareTokens } from '../../sandbox/setup-world.ts';
import { setupInOrder, slipway, statesIn } from '../testing/setup.ts';

/* One thing that is broken at a time, in accounts where all else is in order. The commands themselves are in setup.full.test.ts. */

const { world, team, states, order } = await setupInOrder();
const { octokit, place, cwd } = team;
const { variables, exoscaleKeys } = world;
const { rest } = octokit;
const [writing, drifting] = ['staging and production', 'staging-drift and production-drift'];
const plan = ({ key = '', secret = '' } = {}) => ({
  PLAN_EXOSCALE_API_KEY: key,
  PLAN_EXOSCALE_API_SECRET: secret,
});

interface Broken {
  /** Breaks something in the world, which `--apply` mends. */
  breaks?: () => Promise<unknown>;
  /** Or something that the terminal has. */
  variables?: Record<string, string>;
  rows: Record<string, string>;
}

test.each<[string, Broken]>([
  [
    'the token of workflows writes',
    {
      breaks: () =>
        rest.actions.setGithubActionsDefaultWorkflowPermissionsRepository({
          ...place,
          default_workflow_permissions: 'write',
        }),
      rows: { "workflows' token": 'wrong' },
    },
  ],
  [
    'Actions are off',
    {
      breaks: () => rest.actions.setGithubActionsPermissionsRepository({ ...place, enabled: false }),
      rows: { Actions: 'wrong' },
    },
  ],
  [
    'an environment lets every branch in',
    {
      breaks: () => rest.repos.createOrUpdateEnvironment({ ...place, environment_name: 'staging' }),
      rows: { staging: 'wrong' },
    },
  ],
  [
    'a secret is gone',
    {
      breaks: () => drop('staging', 'CLOUDFLARE_API_TOKEN'),
      rows: { 'staging: secrets': 'missing' },
    },
  ],
  [
    'the review key is gone from one environment',
    { breaks: () => drop('production-plan', 'REVIEW_KEY'), rows: { REVIEW_KEY: 'missing' } },
  ],
  [
    'the ruleset is gone',
    {
      breaks: async () => {
        const { data } = await rest.repos.getRepoRulesets(place);
        for (const { id } of data) await rest.repos.deleteRepoRuleset({ ...place, ruleset_id: id });
      },
      rows: { main: 'missing' },
    },
  ],
  [
    'the ruleset is turned off, and has a rule of the team',
    {
      breaks: async () => {
        const { data } = await rest.repos.getRepoRulesets(place);
        for (const { id: ruleset_id, name } of data) {
          const parameters = {
            strict_required_status_checks_policy: true,
            required_status_checks: [{ context: 'lint' }],
          };
          await rest.repos.updateRepoRuleset({
            ...{ ...place, ruleset_id, name, target: 'branch', enforcement: 'disabled' },
            conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
            rules: [{ type: 'required_status_checks', parameters }],
          });
        }
      },
      rows: { main: 'missing' },
    },
  ],
  [
    'the bucket keeps no versions',
    {
      breaks: () =>
        fetch(`${team.bucket}?versioning=`, {
          method: 'PUT',
          body: '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Suspended</Status></VersioningConfiguration>',
        }),
      rows: { 'bucket of the state': 'missing' },
    },
  ],
  [
    'the key for plans may write',
    { variables: plan(exoscaleKeys.writer), rows: { 'rights of staging-plan and production-plan': 'wrong' } },
  ],
  [
    'the key for plans cannot see its role, which the other one can',
    { variables: plan(exoscaleKeys.blind), rows: {} },
  ],
  [
    'the halves of a key do not belong together',
    {
      variables: plan({ key: exoscaleKeys.reader?.key ?? '', secret: 'another-secret-altogether' }),
      rows: {
        'key of staging-plan and production-plan': 'wrong',
        'rights of staging-plan and production-plan': '',
      },
    },
  ],
  [
    'the token at Cloudflare only reads',
    {
      variables: { CLOUDFLARE_API_TOKEN: cloudflareTokens.reading },
      // One token then, and what is written with it decides.
      rows: {
        'zone example.com': 'wrong',
        [`zone example.com (${drifting})`]: '',
        [`zone example.com (${writing})`]: '',
        [`token of ${drifting}`]: '',
        [`token of ${writing}`]: '',
        'token of staging, staging-drift, production and production-drift': 'ok',
      },
    },
  ],
  [
    'the token that looks for drift could edit',
    {
      variables: { DRIFT_CLOUDFLARE_API_TOKEN: cloudflareTokens.second },
      rows: { [`zone example.com (${drifting})`]: 'warning' },
    },
  ],
  [
    'the token at Cloudflare is over',
    {
      variables: { CLOUDFLARE_API_TOKEN: cloudflareTokens.expired },
      rows: { [`token of ${writing}`]: 'wrong', [`zone example.com (${writing})`]: '' },
    },
  ],
  [
    'GitHub is asked by somebody who may look at nothing',
    {
      variables: { GITHUB_TOKEN: world.github.token('hubot') },
      rows: {
        repository: 'wrong',
        ...Object.fromEntries(
          ['Actions', "workflows' token", 'pull requests', 'REVIEW_KEY', 'production: reviewers'].map(
            name => [name, 'unknown'],
          ),
        ),
        ...Object.fromEntries(
          [
            ...['staging', 'staging-drift', 'staging-plan'],
            ...['production', 'production-drift', 'production-plan', 'production-promote'],
          ].flatMap(name => [
            [name, 'unknown'],
            [`${name}: secrets`, 'unknown'],
          ]),
        ),
        release: 'unknown',
      },
    },
  ],
])('%s', async (_, { breaks, variables: other = {}, rows }) => {
  await breaks?.();
  const given = { ...variables(), ...other };
  const expected = Object.entries({ ...order(), ...rows }).filter(([, state]) => state !== '');
  // Where a signature is not asked about by an API that refuses it, complaints are what is expected.
  const before = world.exoscale.complaints.length;
  expect(await states(given)).toEqual(Object.fromEntries(expected));
  world.exoscale.complaints.splice(before);
  if (!breaks) return;
  const mended = await slipway(cwd, ['setup', '--apply', '--json'], variables());
  expect(order()).toMatchObject(statesIn(mended.output));
});

test('what a team has added to the ruleset is still there when it is turned on again', async () => {
  const { data } = await rest.repos.getRepoRulesets(place);
  expect(data).toMatchObject([{ name: 'What main asks for', enforcement: 'active' }]);
  const { data: known } = await rest.repos.getRepoRuleset({ ...place, ruleset_id: data[0]?.id ?? 0 });
  const rules = new Map(known.rules?.map(rule => [rule.type, 'parameters' in rule ? rule.parameters : {}]));
  expect([...rules.keys()].sort()).toEqual([
    ...['deletion', 'non_fast_forward', 'pull_request', 'required_status_checks'],
  ]);
  expect(rules.get('required_status_checks')).toMatchObject({
    strict_required_status_checks_policy: true,
    required_status_checks: [{ context: 'lint' }, { context: 'test' }],
  });
});

test('what does not work is not put into an environment, and what can be made is made all the same', async () => {
  const { cwd: fresh, people } = await world.team('careful');
  const given: Record<string, string> = { ...variables(), ...plan(exoscaleKeys.writer) };
  const { code, output } = await slipway(fresh, ['setup', '--apply'], given);
  expect(code).toBe(1);
  expect(output).toContain('put another into PLAN_EXOSCALE_API_KEY and PLAN_EXOSCALE_API_SECRET');
  expect(people.secret('staging', 'EXOSCALE_API_KEY')).toBe(given.EXOSCALE_API_KEY);
  expect(people.secret('staging-plan', 'EXOSCALE_API_KEY')).toBeUndefined();
});

test('a secret that is there is left, unless its name is to be rotated', async () => {
  const next = { ...variables(), CLOUDFLARE_API_TOKEN: `${cloudflareTokens.good}` };
  const at = () => team.people.secret('staging', 'REVIEW_KEY');
  const first = at();
  await slipway(cwd, ['setup', '--apply'], next);
  expect(at()).toBe(first);
  await slipway(cwd, ['setup', '--apply', '--rotate', 'REVIEW_KEY'], next);
  expect(at()).not.toBe(first);
  expect(at()).toBe(team.people.secret('production-plan', 'REVIEW_KEY'));
});

const drop = (environment_name: string, secret_name: string) =>
  rest.actions.deleteEnvironmentSecret({ ...place, environment_name, secret_name });
