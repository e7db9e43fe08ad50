import { afterAll, expect, test } from 'vitest';
import type { Row } from '../../lib/setup/row.ts';
import { setupWorld } from '../../sandbox/setup-world.ts';

const world = await setupWorld();
const { variables, slipway, complaints } = world;

/** What a child was told and must not tell. */
const secretsIn = (output: string, extra: string[] = []) =>
  [...Object.values(variables()), ...extra].filter(value => output.includes(value));

test('from nothing to all in order: a row each, then --apply, then nothing left to do', async () => {
  const { cwd, people, bucket } = await world.team('platform');
  const before = world.github.requests.length;
  const looked = await slipway(cwd, ['setup', '--json'], variables());
  expect(looked.code).toBe(0);
  expect(writes(before)).toEqual([]);
  const missing = (JSON.parse(looked.output) as Row[]).filter(({ state }) => state === 'missing');
  expect(missing.map(({ name }) => name)).toEqual([
    ...['Actions', 'pull requests', 'main'],
    ...['staging', 'staging-drift', 'staging-plan'],
    ...['production', 'production-drift', 'production-plan', 'production-promote', 'release'],
    ...['staging', 'production'].flatMap(name =>
      [name, `${name}-drift`, `${name}-plan`].map(each => `${each}: secrets`),
    ),
    ...['REVIEW_KEY', 'bucket of the state'],
  ]);
  expect(missing.filter(({ changes }) => changes.length === 0)).toEqual([]);

  const applied = await slipway(cwd, ['setup', '--apply', '--reviewer', 'octocat'], variables());
  expect(applied).toMatchObject({ code: 0, output: expect.stringMatching(/\n\d+ in order\n$/) });
  // Opened with the environment's own private key, each value is the one that the terminal has.
  const of = (environment: string) =>
    ['EXOSCALE_API_KEY', 'EXOSCALE_API_SECRET', 'CLOUDFLARE_API_TOKEN'].map(name =>
      people.secret(environment, name),
    );
  const { EXOSCALE_API_KEY: key, EXOSCALE_API_SECRET: secret, CLOUDFLARE_API_TOKEN: token } = variables();
  for (const name of ['staging', 'production']) {
    expect(of(name)).toEqual([key, secret, token]);
    expect(of(`${name}-plan`)).toEqual([
      variables().PLAN_EXOSCALE_API_KEY,
      variables().PLAN_EXOSCALE_API_SECRET,
      undefined,
    ]);
    expect(of(`${name}-drift`)).toEqual([
      variables().DRIFT_EXOSCALE_API_KEY,
      variables().DRIFT_EXOSCALE_API_SECRET,
      variables().DRIFT_CLOUDFLARE_API_TOKEN,
    ]);
  }
  const review = ['staging', 'staging-plan', 'production', 'production-plan'].map(name =>
    people.secret(name, 'REVIEW_KEY'),
  );
  expect(Buffer.from(review[0] ?? '', 'base64')).toHaveLength(32);
  expect(new Set(review).size).toBe(1);
  expect(await (await fetch(`${bucket}?versioning=`)).text()).toContain('<Status>Enabled</Status>');

  const from = world.github.requests.length;
  const again = await slipway(cwd, ['setup', '--apply'], variables());
  expect(again).toMatchObject({ code: 0, output: expect.stringMatching(/\n\d+ in order\n$/) });
  expect(writes(from)).toEqual([]);
  for (const { output } of [looked, applied, again])
    expect(secretsIn(output, review as string[])).toEqual([]);
  expect(complaints()).toEqual([]);
});

test.each([1, 14, 27])('killed after %i writes, the next run makes the rest', async count => {
  const { cwd: own, people } = await world.team(`killed-${count}`);
  const killed = await slipway(
    own,
    ['setup', '--apply'],
    variables(),
    output => output.split('\n').length > count,
  );
  expect(killed.code).toBe(null);
  const again = await slipway(own, ['setup', '--apply', '--json'], variables());
  const rows = JSON.parse(again.output) as Row[];
  expect(rows.filter(({ state }) => !['ok', 'warning'].includes(state))).toEqual([]);
  const keys = ['staging', 'staging-plan', 'production', 'production-plan'].map(name =>
    people.secret(name, 'REVIEW_KEY'),
  );
  expect(new Set(keys).size).toBe(1);
});

test('what is asked for and cannot be is refused before anything is read or changed', async () => {
  const { cwd } = await world.team('refused');
  const from = world.github.requests.length;
  const { code, output } = await slipway(
    cwd,
    ['setup', '--apply', '--rotate', 'REVIEW_KEYS', '--rotate', 'REPOSITORY_TOKEN'],
    variables(),
  );
  expect({ code, asked: world.github.requests.length - from }).toEqual({ code: 1, asked: 0 });
  expect(output).toMatch(/No workflow reads a secret REVIEW_KEYS/);
  expect(output).toMatch(/There is no new value for REPOSITORY_TOKEN/);
  const nobody = await slipway(cwd, ['setup', '--apply', '--reviewer', 'nobody-of-that-name'], variables());
  expect(nobody).toMatchObject({
    code: 1,
    output: expect.stringContaining('There is nobody named nobody-of-that-name'),
  });
});

const writes = (from: number) =>
  world.github.requests
    .slice(from)
    .filter(({ method }) => method !== 'GET')
    .map(({ method, url }) => `${method} ${url}`);

afterAll(() => world[Symbol.asyncDispose]());
