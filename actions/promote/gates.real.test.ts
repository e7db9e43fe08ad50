import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sigstore } from '../../lib/promotion/gates/attestation/testing.ts';
import { type Egress, openEgress } from '../../sandbox/egress.ts';
import { type GitHub, github } from '../../sandbox/github/index.ts';
import { openRun } from '../../sandbox/run.ts';
import { runAction } from '../../sandbox/runner.ts';

const run = openRun();
const workspace = join(run.folder, 'workspace');
const services = ['ui', 'product'];
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
/** A version of a service: a tag of the image, and of its repository. */
const file = (environment: string, service: string) =>
  `manifests/environments/${environment}/${service}.yaml`;
const pin = (service: string, version: string, at = digest('0')) => `kind: Application
metadata: { name: ${service} }
spec:
  source:
    targetRevision: v${version}
    kustomize:
      images: ["ghcr.io/acme/${service}:${version}@${at}"]
`;

function platform({ by = 'pull-request', tags = '', gates = {} }: Settings = {}): string {
  const common = 'zone: ch-gva-2, nodes: { type: standard.medium, count: 1 }, database: { plan: hobbyist-2 }';
  const promote = JSON.stringify({ from: 'staging', by, ...gates });
  return `
name: shop
repository: https://github.com/acme/platform
state: { bucket: acme-terraform-state, zone: ch-gva-2 }
dns: { zone: example.com, owner: shop }
services:
${services.map(name => `  ${name}: { repository: https://github.com/acme/${name}, image: ghcr.io/acme/${name}, host: ${name}${tags && `, tags: ${tags}`} }`).join('\n')}
environments:
  staging: { ${common}, domain: staging.example.com }
  production: { ${common}, domain: example.com, promote: ${promote} }
`;
}
interface Settings {
  by?: string;
  tags?: string;
  gates?: object;
}

let server: GitHub;
let egress: Egress;

async function write(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(workspace, path)), { recursive: true });
    await writeFile(join(workspace, path), text);
  }
}

beforeAll(async () => {
  const pins = services.flatMap(service =>
    ['staging', 'production'].map(environment => [file(environment, service), pin(service, '1.0.0')]),
  );
  await write({ 'platform.yaml': platform(), ...Object.fromEntries(pins) });
});
afterAll(() => run.close());

let attempt = 0;
beforeEach(async () => {
  server = await github({ ...run, folder: join(run.folder, String(attempt++)) });
  await server.seed({ 'acme/platform': workspace, 'acme/product': workspace });
  egress = await openEgress(run, [{ host: 'api.github.com', target: server.url }]);
  return async () => {
    await egress.close();
    await server.close();
    expect([server.complaints, egress.refused]).toEqual([[], []]);
  };
});

const repository = () => server.repository('acme/platform');
const stage = (service: string, version: string, at?: string) =>
  repository().commit({
    files: { [file('staging', service)]: pin(service, version, at) },
    message: `Deploy ${service} ${version}`,
  });
const production = (service: string, branch?: string) =>
  repository().file(file('production', service), branch);

async function promote(settings: Settings, inputs: Record<string, string> = {}, rerunBy?: string) {
  await write({ 'platform.yaml': platform(settings) });
  const from = server.requests.length;
  const env = {
    ...run.environment(egress.environment),
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    A_SECRET: 'of the job',
  };
  const given = { environment: 'production', 'github-token': server.token('github-actions[bot]'), ...inputs };
  const result = await runAction({
    ...{ action: 'promote', cwd: workspace, env, inputs: given },
    ...(rerunBy && { github: { rerunBy } }),
  });
  const requests = server.requests.slice(from);
  return {
    ...result,
    held: JSON.parse(result.outputs.held ?? '[]') as { service: string; version: string; until?: string }[],
    writes: requests.filter(({ method, url, body }) =>
      url === '/graphql' ? /\bmutation\b/.test(body) : method !== 'GET',
    ).length,
    requests,
  };
}

async function pullRequests(): Promise<{ state: string; title: string; body: string }[]> {
  const state = (await (await fetch(`${server.url}/_sandbox/state`)).json()) as State;
  return state['acme/platform'].issues;
}
interface State {
  'acme/platform': { issues: { state: string; title: string; body: string }[] };
}

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const freeze = [{ from: day(-1), to: day(2), 'time-zone': 'UTC', reason: 'Sale of the @year' }];

test('a freeze writes nothing, a hotfix goes past it and says so, and an open pull request says what is held', async () => {
  await stage('product', '1.1.0');
  const settings = { gates: { freeze } };
  const frozen = await promote(settings);
  expect([frozen.code, frozen.writes, frozen.outputs.changed, frozen.outputs.diff]).toEqual([
    0,
    0,
    'false',
    '',
  ]);
  expect(frozen.annotations).toEqual([
    { level: 'notice', message: 'production: The one service waits: product 1.1.0 (freeze)' },
  ]);
  expect(frozen.log).toContain('product 1.1.0 waits (freeze): Sale of the @year, until ');
  expect(frozen.held).toMatchObject([
    { service: 'product', version: '1.1.0', reasons: [{ gate: 'freeze' }], until: `${day(2)}T00:00:00.000Z` },
  ]);
  expect(frozen.summary).toContain(
    '| `product` | `1.1.0` | freeze | **waits** | Sale of the @\u200byear, until',
  );

  const dry = await promote(settings, { hotfix: 'CVE-2026-1', 'dry-run': 'true' });
  expect([dry.writes, dry.outputs.diff]).toEqual([
    0,
    expect.stringContaining('+      images: ["ghcr.io/acme/product:1.1.0@'),
  ]);
  const fixed = await promote(settings, { hotfix: 'CVE-2026-1' }, 'grace');
  expect(fixed.log).toMatch(/product 1\.1\.0 goes past freeze: .*; hotfix of grace: CVE-2026-1\n/);
  expect(fixed.outputs).toMatchObject({ 'pull-request': '1' });
  const commit = await repository().head('promote/production');
  const { body: query } = fixed.requests.find(({ body }) => body.includes('createCommitOnBranch')) ?? {
    body: '',
  };
  const { message } = (JSON.parse(query) as { variables: { input: { message: { body: string } } } }).variables
    .input;
  expect([fixed.outputs.commit, message.body.split('\n').slice(-2)]).toEqual([
    commit,
    ['Slipway-Hotfix: CVE-2026-1', 'Slipway-Hotfix-By: grace'],
  ]);
  const [opened] = await pullRequests();
  expect(opened?.body).toContain('| freeze | **bypassed** |');
  expect(opened?.body).not.toContain('[!WARNING]');

  await stage('product', '1.2.0');
  const again = await promote(settings);
  expect(again.log).toMatch(
    /\nproduction: pull request #1 refreshed: https:\S+\nproduction: nothing is promoted\n$/,
  );
  expect(again.outputs).toMatchObject({ 'pull-request': '1', changed: 'true' });
  const refreshed = await pullRequests();
  expect(refreshed).toHaveLength(1);
  expect(refreshed[0]?.title).toBe('Promote product to production: 1.0.0 → 1.1.0');
  expect(refreshed[0]?.body).toContain('> Waits for gates, and is not to be merged yet: `product` `1.2.0`');
  expect(await production('product', 'promote/production')).toBe(pin('product', '1.1.0'));
  const quiet = await promote(settings);
  expect([quiet.writes, quiet.outputs.changed]).toEqual([0, 'false']);
});

test('where services travel apart, what is held keeps its own pull request', async () => {
  await stage('product', '1.1.0');
  await stage('ui', '1.1.0');
  const apart = { services: 'apart' };
  const opened = await promote({ gates: apart });
  expect(opened.outputs['pull-request']).toBe('1 2');
  await stage('product', '2.0.0');
  await stage('ui', '1.2.0');
  const next = await promote({ gates: apart, tags: '{ semver: ^1 }' });
  expect(next.held).toMatchObject([{ service: 'product', version: '2.0.0' }]);
  expect((await pullRequests()).map(({ state, title }) => `${state}: ${title}`).sort()).toEqual([
    'open: Promote product to production: 1.0.0 → 1.1.0',
    'open: Promote ui to production: 1.0.0 → 1.2.0',
  ]);
  const again = await promote({ gates: apart, tags: '{ semver: ^1 }' });
  expect([again.writes, again.outputs.changed]).toEqual([0, 'false']);
});

test('what passes is promoted beside what is held, and a downgrade only on request', async () => {
  await stage('ui', '1.4.0');
  await stage('product', '2.0.0');
  const settings = { by: 'commit', tags: '{ semver: ^1 }' };
  const first = await promote(settings);
  expect(first.held).toMatchObject([{ service: 'product', version: '2.0.0' }]);
  expect(first.log).toContain('product 2.0.0 waits (tags): "2.0.0" is outside of ^1\n');
  expect(first.annotations.map(({ message }) => message)).toEqual([
    'production: 1 of 2 services wait: product 2.0.0 (tags)',
  ]);
  expect([await production('ui'), await production('product')]).toEqual([
    pin('ui', '1.4.0'),
    pin('product', '1.0.0'),
  ]);

  await stage('ui', '1.3.0');
  const back = await promote(settings, { service: 'ui' });
  expect([back.code, back.writes]).toEqual([0, 0]);
  expect(back.log).toContain('ui 1.3.0 waits (downgrade): it is older than 1.4.0: give the input downgrade');
  const asked = await promote(settings, { service: 'ui', downgrade: 'true' });
  expect(asked.outputs.changed).toBe('true');
  expect(await production('ui')).toBe(pin('ui', '1.3.0'));
});

test('an announced image outside of its policy is held, and is no error', async () => {
  const image = `ghcr.io/acme/product:1.1.0-rc.1@${digest('1')}`;
  const inputs = { environment: 'staging', service: 'product', image, revision: 'v1.1.0-rc.1' };
  const { code, held, writes } = await promote({ tags: '{ semver: ^1 }' }, inputs);
  expect([code, writes]).toEqual([0, 0]);
  expect(held).toMatchObject([
    { reasons: [{ gate: 'tags', why: expect.stringMatching(/is a pre-release/) }] },
  ]);
  const wider = await promote({ tags: '{ semver: ^1.0.0 || ^1.1.0-0 }' }, inputs);
  expect(wider.outputs.changed).toBe('true');
});

test('the newer build is the one whose commit comes after', async () => {
  const product = server.repository('acme/product');
  const older = await product.head();
  const newer = await product.commit({ files: { a: '1' }, message: 'More' });
  const announce = (revision = '', tag = '') =>
    promote(
      { tags: '{ newest: commits }' },
      {
        environment: 'staging',
        service: 'product',
        image: `ghcr.io/acme/product:${tag}@${digest('1')}`,
        revision,
      },
    );
  const strange = await announce(newer, 'b');
  expect(strange.log).toContain("GitHub knows not both commits in the service's repository");
  await repository().commit({
    files: { [file('staging', 'product')]: pin('product', 'x').replace('vx', older ?? '') },
    message: 'By hand',
  });
  expect((await announce(newer, 'b')).outputs.changed).toBe('true');
  const late = await announce(older, 'a');
  expect([late.writes, late.log]).toEqual([
    0,
    expect.stringContaining('product a waits (downgrade): it is older than b'),
  ]);
});

test('an approval of this run is needed, for that environment', async () => {
  await stage('ui', '1.1.0');
  const settings = { by: 'commit', gates: { approval: 'production' } };
  repository().run(1, [{ state: 'approved', environments: ['staging'], user: 'hubot' }]);
  const held = await promote(settings);
  expect([held.code, held.writes, held.held.length]).toEqual([0, 0, 1]);
  expect(held.log).toContain('this run was not approved for "production"');
  repository().run(1, [{ state: 'approved', environments: ['production'], user: 'hubot' }]);
  const approved = await promote(settings);
  expect(approved.outputs.changed).toBe('true');
  expect(approved.summary).toContain('| approval | passed | approved for "production" by hubot |');
});

test('only a digest that the workflow has attested is promoted', async () => {
  const instance = await sigstore();
  await write({ 'trusted-root.json': JSON.stringify(instance.trustedRoot) });
  const workflow = '.github/workflows/release.yml';
  const attestation = { workflow, ref: 'refs/heads/main', 'trusted-root': 'trusted-root.json' };
  const settings = { by: 'commit', gates: { attestation } };
  await stage('product', '1.1.0', digest('1'));
  const attest = async (about: string, of = workflow) =>
    server.repository('acme/product').attest({
      digest: digest('1'),
      predicateType: 'https://slsa.dev/provenance/v1',
      bundle: await instance.attest({
        digest: about,
        workflow: `acme/product/${of}@refs/heads/main`,
        repository: 'https://github.com/acme/product',
      }),
    });

  const none = await promote(settings);
  expect([none.code, none.writes]).toEqual([0, 0]);
  expect(none.log).toContain(
    `waits (attestation): ${digest('1')} has no attestation in acme/product that the github-token sees\n`,
  );
  await attest(digest('2'));
  await attest(digest('1'), '.github/workflows/other.yml');
  const wrong = await promote(settings);
  expect(wrong.writes).toBe(0);
  expect(wrong.log).toMatch(
    /no attestation of it is acme\/product\/\.github\/workflows\/release\.yml@refs\/heads\/main's: /,
  );
  expect(wrong.log).toMatch(
    /it was made by https:\/\/github\.com\/acme\/product\/\.github\/workflows\/other\.yml@refs\/heads\/main; it is about another digest\n/,
  );
  await attest(digest('1'));
  const right = await promote(settings);
  expect(right.outputs.changed).toBe('true');
  expect(await production('product')).toBe(pin('product', '1.1.0', digest('1')));
});

test('a check of the user says yes or no about each service, and sees no secret', async () => {
  const script = `
    const { SLIPWAY_SERVICE: service, A_SECRET, INPUT_GITHUB_TOKEN, ...rest } = process.env;
    if (A_SECRET || INPUT_GITHUB_TOKEN) throw new Error('a secret');
    console.log(Object.entries(rest).filter(([name]) => name.startsWith('SLIPWAY')).sort().map(each => each.join('=')).join(' '));
    if (service === 'ui') { console.error('ui: too slow @all'); process.exit(3); }
    if (process.env.SLIPWAY_REVISION === 'v9.0.0') setInterval(() => {}, 1000);`;
  const check = { command: ['node', '-e', script], timeout: '3s' };
  await stage('ui', '1.1.0');
  await stage('product', '1.1.0');
  const settings = { by: 'commit', gates: { check } };
  const first = await promote(settings);
  const image = (version: string) => `ghcr.io/acme/product:${version}@${digest('0')}`;
  expect(first.log).toContain(
    `SLIPWAY_DRY_RUN=false SLIPWAY_ENVIRONMENT=production SLIPWAY_FROM=staging SLIPWAY_IMAGE=${image('1.1.0')} SLIPWAY_IMAGE_BEFORE=${image('1.0.0')} SLIPWAY_REVISION=v1.1.0 SLIPWAY_REVISION_BEFORE=v1.0.0`,
  );
  expect(first.log).toMatch(
    /ui 1\.1\.0 waits \(check\): node ended with exit code 3: SLIPWAY.* \/ ui: too slow @all\n/,
  );
  expect([await production('ui'), await production('product')]).toEqual([
    pin('ui', '1.0.0'),
    pin('product', '1.1.0'),
  ]);

  await stage('product', '9.0.0');
  const slow = await promote(settings, { service: 'product' });
  expect([slow.code, slow.writes]).toEqual([0, 0]);
  expect(slow.log).toContain('product 9.0.0 waits (check): node was not done after 3s');
  const token = server.token('github-actions[bot]');
  const telling = { command: ['node', '-e', `console.error('used ${token}'); process.exit(1)`] };
  const told = await promote({ by: 'commit', gates: { check: telling } }, { 'github-token': token });
  expect(told.outputs.held).toContain('used ***');
  for (const text of [told.outputs.held, told.summary, told.log]) expect(text).not.toContain(token);
  const missing = await promote({ by: 'commit', gates: { check: { command: ['no-such-command'] } } });
  expect([missing.code, missing.writes]).toEqual([1, 0]);
  expect(missing.annotations).toMatchObject([
    { level: 'error', message: /The command "no-such-command" was not found/ },
  ]);
});

test('what the gates cannot ask, or do not know, is said in one go before anything', async () => {
  const gates = { healthy: true, soak: '30m', approval: 'production' };
  const { code, annotations, requests } = await promote(
    { gates },
    { 'github-token': '', hotfix: 'CVE', 'dry-run': 'true' },
  );
  expect([code, requests]).toEqual([1, []]);
  expect(annotations.map(({ message }) => message.split(':')[0])).toEqual([
    'The gates healthy, soak of production ask the cluster of staging',
    'The gates approval of production ask GitHub',
    'The input hotfix goes past a freeze, and production has none in platform.yaml',
  ]);
});
