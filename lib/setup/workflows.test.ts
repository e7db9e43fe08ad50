import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { load } from '../platform/platform.ts';
import { readWorkflows, understand } from './workflows.ts';

const root = join(import.meta.dirname, '../..');

/** The least that asks for something. */
const workflow = (on: string, job: string) => `on: ${on}\njobs:\n  job:\n${job.replace(/^/gm, '    ')}\n`;
const inEnvironment = (environment: string, more = '') =>
  `environment: ${environment}\n${more}steps:\n  - uses: ./actions/plan\n    with: { environment: staging, key: '\${{ secrets.KEY }}' }`;

const demands = (texts: Record<string, string>) =>
  understand(texts).demands.map(({ environment, secrets, mainOnly, targets }) => ({
    ...{ environment, mainOnly, targets: [...targets] },
    secrets: Object.fromEntries([...secrets].map(([name, users]) => [name, [...users]])),
  }));

test('the pipelines of this repository ask for an environment to read and one to write for each of platform.yaml', async () => {
  const {
    demands: all,
    checks,
    opensPullRequests,
    terraform,
  } = await readWorkflows(join(root, '.github/workflows'));
  const { environments } = await load(join(root, 'platform.yaml'));
  const named = new Map(all.map(each => [each.environment, each]));
  for (const name of Object.keys(environments)) {
    expect(named.get(name)).toMatchObject({ mainOnly: true, targets: new Set([name]) });
    expect(named.get(`${name}-plan`)).toMatchObject({ mainOnly: false, targets: new Set([name]) });
    const { secrets, ...drift } = named.get(`${name}-drift`) ?? {};
    expect(drift).toMatchObject({ mainOnly: true, looksOnly: true, targets: new Set([name]) });
    expect([...(secrets?.keys() ?? [])].sort()).toEqual([
      ...['CLOUDFLARE_API_TOKEN', 'EXOSCALE_API_KEY', 'EXOSCALE_API_SECRET'],
    ]);
    expect(named.get(name)?.looksOnly).toBe(false);
    for (const environment of [name, `${name}-plan`])
      expect([...(named.get(environment)?.secrets.keys() ?? [])]).toContain('REVIEW_KEY');
  }
  expect(named.get('production-promote')).toMatchObject({ mainOnly: true, targets: new Set(['production']) });
  expect(named.get('release')).toMatchObject({ mainOnly: true, secrets: new Map() });
  expect({ checks, opensPullRequests }).toEqual({ checks: ['test'], opensPullRequests: true });
  expect(readFileSync(join(root, '.github/workflows/ci.yml'), 'utf8')).toContain(`'${terraform}'`);
});

test.each([
  ['a look, its input in quotes', "- uses: ./actions/dns\n    with: { drift: 'true' }", true],
  ['a write', '- uses: ./actions/dns', false],
  [
    'a look, and a step of somebody else with a secret',
    "- run: x\n    env: { KEY: '${{ secrets.KEY }}' }",
    false,
  ],
  ['a look, and a step of somebody else without', '- run: x', true],
])('an environment in which there is %s', (_, step, looksOnly) => {
  const look = '- uses: ./actions/plan';
  const texts = { 'a.yml': workflow('push', `environment: staging\nsteps:\n  ${look}\n  ${step}`) };
  expect(understand(texts).demands).toMatchObject([{ looksOnly }]);
});

const secrets = { KEY: ['plan'] };
test.each<[string, Record<string, string>, unknown[]]>([
  [
    'a plain name',
    { 'a.yml': workflow('push', inEnvironment('staging')) },
    [{ environment: 'staging', mainOnly: true, targets: ['staging'], secrets }],
  ],
  [
    'a name of a matrix, for pull requests',
    {
      'a.yml': workflow(
        '{ pull_request: {} }',
        inEnvironment(
          "{ name: '${{ matrix.environment }}-plan', deployment: false }",
          'strategy: { matrix: { environment: [staging, qa] } }\n',
        ),
      ),
    },
    [
      { environment: 'qa-plan', mainOnly: false, targets: ['staging'], secrets },
      { environment: 'staging-plan', mainOnly: false, targets: ['staging'], secrets },
    ],
  ],
  [
    'what a dispatch offers and what a caller hands over, with what starts the caller',
    {
      'called.yml': workflow(
        '{ workflow_call: {}, workflow_dispatch: { inputs: { where: { options: [qa] } } } }',
        inEnvironment("'${{ inputs.where }}'"),
      ),
      'caller.yml': workflow(
        '[pull_request]',
        'uses: ./.github/workflows/called.yml\nwith: { where: staging }',
      ),
    },
    [
      { environment: 'qa', mainOnly: false, targets: ['staging'], secrets },
      { environment: 'staging', mainOnly: false, targets: ['staging'], secrets },
    ],
  ],
  [
    'two jobs, of which one belongs to a pull request',
    {
      'a.yml': workflow('push', inEnvironment('staging')),
      'b.yml': workflow('pull_request', inEnvironment('staging').replace('KEY', 'OTHER')),
    },
    [
      {
        environment: 'staging',
        mainOnly: false,
        targets: ['staging'],
        secrets: { KEY: ['plan'], OTHER: ['plan'] },
      },
    ],
  ],
  [
    'no environment, and the token that comes by itself',
    {
      'a.yml': workflow('push', "steps: [{ run: x, env: { A: '${{ secrets.NONE }}' } }]"),
      'b.yml': workflow(
        'push',
        "environment: x\nsteps: [{ run: x, env: { A: '${{ secrets.GITHUB_TOKEN }}' } }]",
      ),
    },
    [{ environment: 'x', mainOnly: true, targets: [], secrets: {} }],
  ],
])('%s', (_, texts, expected) => {
  expect(demands(texts)).toEqual(expected);
});

test('an environment works on the one of its name, and not on one with which its name begins', () => {
  const job = inEnvironment(
    "'${{ matrix.environment }}'",
    'strategy: { matrix: { environment: [staging, staging-eu] } }\n',
  ).replace('environment: staging, key', "environment: '${{ matrix.environment }}', key");
  expect(demands({ 'a.yml': workflow('push', job) }).map(({ targets }) => targets)).toEqual([
    ['staging'],
    ['staging-eu'],
  ]);
});

test.each([
  ['its id', '', ['job']],
  ['its name', 'name: all of it\n', ['all of it']],
  ['a matrix', 'strategy: { matrix: { node: [20, 24] } }\n', []],
  ['a computed name', "name: 'on ${{ github.ref }}'\n", []],
])('a check that GitHub reports by %s', (_, more, expected) => {
  const text = workflow('[pull_request, merge_group]', `${more}steps: []`);
  expect(understand({ 'a.yml': text }).checks).toEqual(expected);
});

test('a check of a called workflow is reported by another name', () => {
  const caller = workflow('[pull_request, merge_group]', 'uses: ./.github/workflows/called.yml');
  expect(understand({ 'a.yml': caller }).checks).toEqual([]);
});

test.each([
  ["'${{ github.ref_name }}'", ''],
  ["'${{ inputs.where }}'", ''],
  ["'${{ matrix.environment }}'", "strategy: { matrix: { environment: '${{ fromJSON(x) }}' } }\n"],
])('an environment %s that is written down nowhere is no guess', (name, more) => {
  expect(() => understand({ 'a.yml': workflow('workflow_dispatch', inEnvironment(name, more)) })).toThrow(
    'name the environments in its matrix',
  );
});

test('what is no workflow is named with its file', () => {
  expect(() => understand({ 'a.yml': 'name: x' })).toThrow('This is no workflow');
});

describe('a repository that calls the workflows of a release', () => {
  const call = (on: string, file: string, given: string) =>
    workflow(on, `uses: OWNER/slipway/.github/workflows/${file}@v1\nwith: ${given}\nsecrets: inherit`);
  const of = (texts: Record<string, string>) => understand(texts, released).demands;
  const released = Object.fromEntries(
    globSync('*.yml', { cwd: join(root, '.github/workflows') }).map(name => [
      name,
      readFileSync(join(root, '.github/workflows', name), 'utf8'),
    ]),
  );

  test('needs the environments and secrets of what it calls', async () => {
    const each = ['staging', 'production'].map(name => ({
      [`plan-${name}.yml`]: call('{ pull_request: {} }', 'plan-environment.yml', `{ environment: ${name} }`),
      [`deploy-${name}.yml`]: call('{ push: {} }', 'deploy-environment.yml', `{ environment: ${name} }`),
      [`drift-${name}.yml`]: call('{ schedule: [] }', 'drift-environment.yml', `{ environment: ${name} }`),
    }));
    const [own] = await Promise.all([readWorkflows(join(root, '.github/workflows'))]);
    const expected = own.demands.filter(({ environment }) => !/promote|release/.test(environment));
    const found = of(Object.assign({}, ...each));
    expect(found.map(({ environment }) => environment)).toEqual(
      expected.map(({ environment }) => environment),
    );
    for (const [index, demand] of found.entries()) {
      const { mainOnly, looksOnly, targets, secrets } = expected[index] ?? demand;
      expect(demand).toMatchObject({ mainOnly, looksOnly, targets });
      expect([...demand.secrets.keys()].sort()).toEqual([...secrets.keys()].sort());
    }
  });

  test('chooses by what its own dispatch offers, not by what ours does', () => {
    const given = "{ environment: '${{ inputs.where }}', confirm: x }";
    const text = call(
      '{ workflow_dispatch: { inputs: { where: { options: [qa] } } } }',
      'teardown.yml',
      given,
    );
    expect(of({ 'down.yml': text })).toMatchObject([{ environment: 'qa', targets: new Set(['qa']) }]);
  });

  test.each([
    ['a file that we do not have', call('push', 'other.yml', '{ environment: staging }')],
    ['a file of that name that asks for something else', call('push', 'teardown.yml', '{ what: all }')],
    ['one that nobody can call', call('push', 'deploy.yml', '{}')],
    ['a foreign action', workflow('push', 'uses: acme/tools/.github/workflows/x.yml@v1')],
  ])('does not take %s for ours', (_, text) => {
    expect(of({ 'a.yml': text })).toEqual([]);
  });

  test('uses the actions of a release in jobs of its own', () => {
    const job = inEnvironment('production-promote').replace(
      './actions/plan',
      'OWNER/slipway/actions/promote@v1',
    );
    const found = understand({ 'a.yml': workflow('push', job) }, released);
    expect(found.opensPullRequests).toBe(true);
    expect(found.demands[0]?.secrets).toEqual(new Map([['KEY', new Set(['promote'])]]));
  });

  test('is told its own file when what it hands over is written down nowhere', () => {
    const text = call('push', 'deploy-environment.yml', "{ environment: '${{ github.ref_name }}' }");
    expect(() => of({ 'a.yml': text })).toThrow(
      expect.objectContaining({ at: { file: '.github/workflows/a.yml' } }),
    );
  });
});
