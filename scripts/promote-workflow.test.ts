import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { schema } from '../lib/platform/schema.ts';

/* What the workflows promote when, and that every gate that platform.yaml may configure can be asked from them. */

interface Job {
  if: string;
  needs?: string;
  environment?: { name: string; deployment: boolean };
  permissions: Record<string, string>;
  steps: { uses?: string; with?: Record<string, unknown> }[];
}

const root = join(import.meta.dirname, '..');
const read = (path: string) => parse(readFileSync(join(root, path), 'utf8'));
const { on, jobs } = read('.github/workflows/promote.yml') as {
  on: Record<string, object | null>;
  jobs: { first: Job; next: Job };
};
const promote = ({ steps }: Job) => steps.find(({ uses }) => uses === './actions/promote')?.with ?? {};
const main = 'refs/heads/main';

interface Event {
  event: string;
  ref?: string;
  inputs?: Record<string, unknown>;
  payload?: Record<string, unknown>;
  /** How `first` ends where it runs. */
  ends?: string;
}

/** What an expression comes to. The operators that ours use mean in JavaScript what they mean to GitHub. */
const evaluate = (expression: string, { event, ref = main, inputs = {}, payload }: Event, result = '') =>
  compileFunction(`return (${expression})`, ['github', 'inputs', 'needs', 'secrets', 'cancelled'])(
    { ref, event_name: event, event: { client_payload: payload ?? {} }, token: 'token' },
    inputs,
    { first: { result } },
    {},
    () => result === 'cancelled',
  );

function run(event: Event): { ran: string[]; given: Record<string, Record<string, unknown>> } {
  const isFirst = Boolean(evaluate(jobs.first.if, event));
  const result = isFirst ? (event.ends ?? 'success') : 'skipped';
  const isNext = Boolean(evaluate(jobs.next.if, event, result));
  const ran = [...(isFirst ? ['first' as const] : []), ...(isNext ? ['next' as const] : [])];
  const inputs = (job: Job) =>
    Object.entries(promote(job)).flatMap(([name, value]) => {
      const [, expression] = /^\$\{\{ (.+) \}\}$/.exec(String(value)) ?? [];
      const given = expression ? evaluate(expression, event, result) : value;
      // An input that is empty is none: https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#inputs
      return given ? [[name, given]] : [];
    });
  return { ran, given: Object.fromEntries(ran.map(job => [job, Object.fromEntries(inputs(jobs[job]))])) };
}

const by = (inputs: Record<string, unknown>): Event => ({ event: 'workflow_dispatch', inputs });
const image = { service: 'ui', image: 'ghcr.io/acme/ui:v2@sha256:0', revision: 'v2' };

test.each<[string, Event, string[]]>([
  ['an announcement', { event: 'repository_dispatch', payload: image }, ['first', 'next']],
  ['one that fails', { event: 'repository_dispatch', payload: image, ends: 'failure' }, ['first']],
  ['one that is cancelled', { event: 'repository_dispatch', payload: image, ends: 'cancelled' }, ['first']],
  ['an announcement by hand', by({ environment: 'staging', ...image }), ['first', 'next']],
  ['a merge that moves staging', { event: 'push' }, ['next']],
  ['a schedule, where somebody adds one', { event: 'schedule' }, ['next']],
  ['a promotion by hand', by({ environment: 'production' }), ['next']],
  ['a hotfix', by({ environment: 'production', hotfix: 'CVE' }), ['next']],
  ['another branch', { ...by({ environment: 'production' }), ref: 'refs/heads/other' }, []],
  ['another branch, staging', { ...by({ environment: 'staging', ...image }), ref: 'refs/heads/other' }, []],
  ...['staging', 'production'].flatMap(environment =>
    ['rollback', 'pause', 'resume', 'release'].map((decision): [string, Event, string[]] => {
      const inputs = { environment, [decision]: 'ui' };
      return [`${decision} in ${environment}`, by(inputs), ['first']];
    }),
  ),
])('promote.yml, %s: which jobs run', (_, event, expected) => {
  expect(run(event).ran).toEqual(expected);
});

test('promote.yml brings an announcement to staging, and tells production nothing of what was said about staging', () => {
  const announced = run({ event: 'repository_dispatch', payload: image }).given;
  expect(announced.first).toEqual({ environment: 'staging', ...image, 'github-token': 'token' });
  const asked = run(by({ environment: 'staging', ...image, downgrade: true })).given;
  expect(asked.first).toMatchObject({ environment: 'staging', ...image, downgrade: true });
  for (const given of [announced.next, asked.next])
    expect(given).toEqual({ environment: 'production', 'github-token': 'token' });
});

test('promote.yml swallows nothing that a person says about production', () => {
  const said = { ...image, reason: 'so', hotfix: 'CVE', downgrade: true };
  expect(run(by({ environment: 'production', ...said })).given.next).toMatchObject(said);
  const back = { rollback: '3f2a91c04b', service: 'ui', reason: 'so', hotfix: 'CVE' };
  expect(run(by({ environment: 'production', ...back })).given.first).toMatchObject({
    ...{ environment: 'production', ...back },
  });
});

const keys = {
  'exoscale-api-key': '${{ secrets.EXOSCALE_API_KEY }}',
  'exoscale-api-secret': '${{ secrets.EXOSCALE_API_SECRET }}',
};
const own = { name: 'production-promote', deployment: false };

/** What a gate needs of the job that asks it, beside the platform's files and a token. Whoever adds a gate says it here. */
const needs: Record<string, { permissions?: object; inputs?: object; environment?: object }> = {
  healthy: { inputs: keys, environment: own },
  soak: { inputs: keys, environment: own },
  freeze: { inputs: { hotfix: expect.stringContaining('inputs.hotfix') } },
  approval: { permissions: { actions: 'read' }, environment: own },
  attestation: { permissions: { attestations: 'read' } },
  check: {},
};

test('of every gate that platform.yaml takes it is known what it needs', () => {
  const [environment] = Object.values(schema.properties.environments.patternProperties);
  const { from, by, services, ...gates } = environment?.properties.promote.properties ?? {};
  expect(Object.keys(needs).sort()).toEqual(Object.keys(gates).sort());
});

test.each(Object.entries(needs))('promote.yml grants what the gate %s needs', (_, need) => {
  const { environment, permissions, steps } = jobs.next;
  expect(steps[0]?.uses).toMatch(/^actions\/checkout@/);
  expect(promote(jobs.next)).toMatchObject({ 'github-token': '${{ github.token }}', ...need.inputs });
  expect(permissions).toMatchObject({ contents: 'write', ...need.permissions });
  expect(environment ?? {}).toMatchObject(need.environment ?? {});
});

test('what passes no gates waits for no reviewer and has no secret', () => {
  expect(jobs.first.environment).toBeUndefined();
  expect(JSON.stringify(jobs.first)).not.toContain('secrets.');
});

test('gates are asked only where their environment is: promote.yml has each that takes from another, announce.yml none', () => {
  const { environments } = read('platform.yaml') as {
    environments: Record<string, { promote?: { from: string } }>;
  };
  const [[first], ...others] = Object.entries(environments) as [
    [string],
    ...[string, { promote?: object }][],
  ];
  expect(others.map(([name, { promote: settings }]) => [name, settings !== undefined])).toEqual([
    [promote(jobs.next).environment, true],
  ]);
  const { announce } = (read('.github/workflows/announce.yml') as { jobs: Record<string, Job> }).jobs;
  const asked = announce?.steps.flatMap(({ uses, with: given }) => (uses?.startsWith('./') ? [given] : []));
  expect(asked).toEqual([expect.objectContaining({ environment: first })]);
});

test('a merge that moves pins is offered on, once staging has what was merged', () => {
  expect(Object.keys(on)).toContain('workflow_call');
  expect(Object.keys(on)).not.toContain('push');
  const deploy = read('.github/workflows/deploy.yml') as {
    on: { push: { paths: string[] } };
    jobs: Record<string, Job & { uses: string }>;
  };
  expect(deploy.on.push.paths).toContain('manifests/**');
  expect(deploy.jobs.promote).toMatchObject({ needs: 'staging', uses: './.github/workflows/promote.yml' });
});
