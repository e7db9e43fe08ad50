import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Egress, openEgress } from '../../sandbox/egress.ts';
import { type GitHub, github } from '../../sandbox/github/index.ts';
import { openRun } from '../../sandbox/run.ts';
import { runAction } from '../../sandbox/runner.ts';

const run = openRun();
const workspace = join(run.folder, 'workspace');
const services = ['ui', 'product'];
const environments = ['staging', 'production'];
const platform = `
name: shop
repository: https://github.com/acme/platform
state: { bucket: acme-terraform-state, zone: ch-gva-2 }
dns: { zone: example.com, owner: shop }
services:
${services.map(name => `  ${name}: { repository: https://github.com/acme/${name}, image: ghcr.io/acme/${name}, host: ${name} }`).join('\n')}
environments:
  staging:
    zone: ch-gva-2
    domain: staging.example.com
    nodes: { type: standard.medium, count: 1 }
    database: { plan: hobbyist-2 }
  production:
    zone: ch-gva-2
    domain: example.com
    nodes: { type: standard.medium, count: 1 }
    database: { plan: hobbyist-2 }
    promote: { from: staging, by: pull-request }
`;
const file = (environment: string, service: string) =>
  `manifests/environments/${environment}/${service}.yaml`;
// CRLF, a comment behind the value, quotes, and no newline at the end: all of that stays.
const digests: Record<string, string> = { 'v1.0.0': '0', 'v1.1.0': '1', 'v2.0.0': '2' };
const imageAt = (service: string, version: string) =>
  `ghcr.io/acme/${service}:${version}@sha256:${(digests[version] ?? '9').repeat(64)}`;
const pin = (service: string, version: string) =>
  `kind: Application\r
spec:\r
  source:\r
    targetRevision: '${version}' # moved by promotions\r
    kustomize:\r
      images: [ ${service}=${imageAt(service, version)} ]`;

let server: GitHub;
let egress: Egress;
let token: string;

beforeAll(async () => {
  const files = {
    'platform.yaml': platform,
    ...Object.fromEntries(
      services.flatMap(service =>
        environments.map(environment => [file(environment, service), pin(service, 'v1.0.0')]),
      ),
    ),
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(workspace, path)), { recursive: true });
    await writeFile(join(workspace, path), text);
  }
});
afterAll(() => run.close());

let attempt = 0;
beforeEach(async () => {
  server = await github({ ...run, folder: join(run.folder, String(attempt++)) });
  await server.seed({ 'acme/platform': workspace });
  token = server.token('github-actions[bot]');
  egress = await openEgress(run, [{ host: 'api.github.com', target: server.url }]);
  return async () => {
    await egress.close();
    await server.close();
    expect([server.complaints, egress.refused]).toEqual([[], []]);
  };
});

async function promote(inputs: Record<string, string>) {
  const from = server.requests.length;
  const env = run.environment(egress.environment);
  const given = { 'github-token': token, ...inputs };
  const result = await runAction({ action: 'promote', cwd: workspace, env, inputs: given });
  const requests = server.requests.slice(from).map(told);
  return { ...result, requests };
}

/** A request as a person would name it. */
function told({ method, url, body }: { method: string; url: string; body: string }): string {
  if (url !== '/graphql') return `${method} ${url.replace(/[0-9a-f]{40}|(?<=deployments\/)\d+/g, 'SHA')}`;
  if (/\bmutation\b/.test(body)) return 'commit';
  return /history\(first/.test(body) ? 'commits' : /compare\(/.test(body) ? 'ahead' : 'look';
}

const newImage = {
  environment: 'staging',
  service: 'product',
  image: imageAt('product', 'v1.1.0'),
  revision: 'v1.1.0',
};
const platformRepository = () => server.repository('acme/platform');
const moved = (service: string) => pin(service, 'v1.1.0');

test('a new image is committed to the first environment, and a second run finds nothing to do', async () => {
  const before = await platformRepository().head();
  const dry = await promote({ ...newImage, 'dry-run': 'true' });
  expect(dry.code).toBe(0);
  expect(dry.requests).toEqual(['look', 'commits']);
  const shown = `product v1.0.0 → v1.1.0 (image, revision)

@@ manifests/environments/staging/product.yaml:4 @@
-    targetRevision: 'v1.0.0' # moved by promotions
+    targetRevision: 'v1.1.0' # moved by promotions
@@ manifests/environments/staging/product.yaml:6 @@
-      images: [ product=${imageAt('product', 'v1.0.0')} ]
+      images: [ product=${imageAt('product', 'v1.1.0')} ]`;
  expect(dry.log).toContain(
    `promote\n${shown}\nstaging: Promote product to staging: v1.0.0 → v1.1.0 (a dry run)\n`,
  );
  expect(dry.outputs).toEqual({ changed: 'false', diff: shown.split('\n\n')[1] });
  expect(await platformRepository().head()).toBe(before);

  const first = await promote(newImage);
  expect(first.code).toBe(0);
  const deployments = '/repos/acme/platform/deployments';
  expect(first.requests).toEqual([
    ...['look', 'commits', 'look', 'commit'],
    ...[`GET ${deployments}?sha=SHA&environment=staging&per_page=10`, `POST ${deployments}`],
    ...[`POST ${deployments}/SHA/statuses`, `POST ${deployments}/SHA/statuses`],
  ]);
  expect(first.log).toMatch(/\nstaging: product v1\.0\.0 → v1\.1\.0 \(image, revision\)\n$/);
  expect(first.outputs).toMatchObject({ changed: 'true', commit: await platformRepository().head() });
  expect(await platformRepository().file(file('staging', 'product'))).toBe(moved('product'));
  expect(first.masks).toContain(token);

  const second = await promote(newImage);
  expect(second.log).toMatch(/\nstaging: nothing to promote\n$/);
  expect(second.outputs).toEqual({ changed: 'false', diff: '' });
  expect(second.requests.filter(request => request !== 'look' && !request.startsWith('GET'))).toEqual([]);
});

test('the next environment gets one pull request, which newer versions refresh and a merge ends', async () => {
  await promote(newImage);
  const compare = 'GET /repos/acme/platform/compare/SHA...promote%2Fproduction?per_page=1';
  const list = 'GET /repos/acme/platform/pulls?head=acme%3Apromote%2Fproduction&base=main&state=open';
  const others = 'GET /repos/acme/platform/pulls?base=main&state=open&per_page=100&page=1';
  const production = { environment: 'production' };

  const first = await promote(production);
  expect(first.log).toMatch(
    /\nproduction: pull request #1 opened: https:\/\/github\.com\/acme\/platform\/pull\/1\n$/,
  );
  expect(first.requests).toEqual([
    ...['look', 'commits', compare, 'POST /repos/acme/platform/git/refs', compare],
    ...['look', 'commit', 'look'],
    ...[list, 'POST /repos/acme/platform/pulls', list, others],
  ]);
  expect(first.outputs).toMatchObject({
    changed: 'true',
    'pull-request': '1',
    commit: await platformRepository().head('promote/production'),
  });
  expect(first.summary).toContain(
    '| `product` | `v1.0.0` → `v1.1.0` (image, revision) | [v1.0.0…v1.1.0](https://github.com/acme/product/compare/v1.0.0...v1.1.0) (this token does not see the repository) |',
  );

  const again = await promote(production);
  expect(again.log).toMatch(/\nproduction: nothing new to promote, pull request #1 is waiting: https:\S+\n$/);
  expect(again.outputs).toMatchObject({ changed: 'false', 'pull-request': '1' });
  expect(again.requests).toEqual([
    ...['look', 'commits', compare, 'ahead', 'look', 'ahead', 'look', list, others],
  ]);

  await platformRepository().commit({
    files: { 'README.md': 'by hand' },
    message: 'By hand',
    branch: 'promote/production',
  });
  await promote({ environment: 'staging', service: 'ui', revision: 'v2.0.0' });
  const refreshed = await promote(production);
  expect(refreshed.log).toMatch(/pull request #1 refreshed/);
  const { issues } = ((await (await fetch(`${server.url}/_sandbox/state`)).json()) as State)['acme/platform'];
  expect(issues.map(({ state, title }) => `${state}: ${title}`)).toEqual([
    'open: Promote 2 services to production',
  ]);

  const lines = await movedBy(() => platformRepository().merge(1));
  expect(lines.map(([where]) => where)).toEqual([
    `${file('production', 'ui')}:4`,
    ...[4, 6].map(at => `${file('production', 'product')}:${at}`),
  ]);
  const main = platformRepository();
  expect(await main.file(file('production', 'product'))).toBe(moved('product'));
  expect(await main.file(file('production', 'ui'))).toBe(await main.file(file('staging', 'ui')));
  expect(await main.file('README.md')).toBe('by hand');
  const done = await promote(production);
  expect(done.log).toMatch(/\nproduction: nothing to promote\n$/);
});

interface State {
  'acme/platform': { issues: { state: string; title: string }[]; deployments: unknown[] };
}

/** All lines of the repository's files that a merge has moved, with their file. */
async function movedBy(merge: () => Promise<unknown>) {
  const all = ['platform.yaml', ...services.flatMap(name => environments.map(each => file(each, name)))];
  const read = () => Promise.all(all.map(async path => (await platformRepository().file(path)) ?? ''));
  const before = await read();
  await merge();
  return (await read()).flatMap((text, index) => {
    const [old, now] = [before[index] ?? '', text].map(each => each.split('\n')) as [string[], string[]];
    expect(now).toHaveLength(old.length);
    return now.flatMap((each, line) => (each === old[line] ? [] : [[`${all[index]}:${line + 1}`, each]]));
  });
}

test('a service is built, and its image promoted: one line of production moves by the merge', async () => {
  await promote({ ...newImage, revision: '' });
  await promote({ environment: 'production' });
  expect(await movedBy(() => platformRepository().merge(1))).toEqual([
    [`${file('production', 'product')}:6`, `      images: [ product=${imageAt('product', 'v1.1.0')} ]`],
  ]);
});

test('what staging has gone back from is not left open for production', async () => {
  await promote(newImage);
  await promote({ environment: 'production' });
  const before = { image: imageAt('product', 'v1.0.0'), revision: 'v1.0.0' };
  await promote({ ...newImage, ...before, downgrade: 'true' });
  const result = await promote({ environment: 'production' });
  expect(result.log).toMatch(/\nproduction: nothing to promote\nproduction: pull request #1 is closed/);
  expect(result.outputs).toMatchObject({ changed: 'true', closed: '1' });
  expect(result.outputs['pull-request']).toBeUndefined();
});

test('a branch that takes no direct commits gets a pull request', async () => {
  await platformRepository().protect('main');
  const result = await promote(newImage);
  expect(result.annotations).toMatchObject([{ level: 'notice', message: /takes no direct commits/ }]);
  expect(result.log).toMatch(/\nstaging: pull request #1 opened/);
});

test('lost answers and a head that moves are survived, and nothing happens twice', async () => {
  const lost = (path: string, effect: 'reset-after' | 'truncate' | 'reset-before') => ({
    path,
    effect: { kind: effect },
  });
  server.faults.schedule(
    { path: '/graphql', effect: { kind: 'html' } },
    { path: '/graphql', skip: 1, effect: { kind: 'status', status: 502 } },
    { path: '/graphql', skip: 2, effect: { kind: 'reset-after' } },
  );
  const first = await promote(newImage);
  expect([first.code, first.outputs.changed]).toEqual([0, 'true']);
  const { head } = platformRepository();
  expect(first.outputs.commit).toBe(await head());

  server.faults.schedule(
    { method: 'POST', ...lost('/git/refs', 'reset-after') },
    { method: 'POST', ...lost('/pulls', 'truncate') },
    { method: 'GET', ...lost('/compare/', 'reset-before') },
  );
  const second = await promote({ environment: 'production' });
  expect(second.code).toBe(0);
  expect(second.outputs).toMatchObject({ changed: 'true', 'pull-request': '1' });
  const state = (await (await fetch(`${server.url}/_sandbox/state`)).json()) as State;
  expect(state['acme/platform'].issues).toHaveLength(1);
});

test('a run that was stopped between its commit and the record of it makes that up when it is run again', async () => {
  const deployments = async () => {
    const state = (await (await fetch(`${server.url}/_sandbox/state`)).json()) as State;
    return state['acme/platform'].deployments;
  };
  server.faults.schedule({ method: 'POST', path: '/deployments', effect: { kind: 'hang' } });
  const env = run.environment(egress.environment);
  const stopped = await runAction({
    ...{ action: 'promote', cwd: workspace, env, inputs: { 'github-token': token, ...newImage } },
    async started(main) {
      await vi.waitFor(() => expect(server.requests.at(-1)?.fault).toBe('hang'), { timeout: 60_000 });
      main.kill('SIGKILL');
    },
  });
  expect(stopped.code).toBe(137);
  server.faults.clear();
  const commit = await platformRepository().head();

  const again = await promote(newImage);
  expect(again.log).toMatch(/\nstaging: nothing to promote\n$/);
  const recorded = {
    sha: commit,
    description: 'product v1.0.0 → v1.1.0 (image, revision)',
    statuses: [{ state: 'in_progress' }, { state: 'success' }],
  };
  expect(await deployments()).toMatchObject([recorded]);
  await promote(newImage);
  expect(await deployments()).toMatchObject([recorded]);
  expect(await platformRepository().head()).toBe(commit);
});

test('a token that GitHub does not know is refused in one sentence', async () => {
  const { code, annotations } = await promote({ ...newImage, 'github-token': 'ghs_unknown' });
  expect(code).toBe(1);
  expect(annotations).toEqual([
    { level: 'error', message: expect.stringMatching(/^GitHub does not know the github-token/) },
  ]);
});

test('without a token a dry run reads what is checked out', async () => {
  const { code, log, requests } = await promote({ ...newImage, 'github-token': '', 'dry-run': 'true' });
  expect(code).toBe(0);
  expect(log).toContain("+    targetRevision: 'v1.1.0' # moved by promotions");
  expect(requests).toEqual([]);
});
