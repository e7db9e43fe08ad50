import { expect, test } from 'vitest';
import { imageAt, pinFile } from '../../sandbox/github/pins.ts';
import { moved, newImage, promoteWorld } from '../../scripts/testing/promote.ts';

const { server, token, promote, platformRepository, movedBy, state } = promoteWorld();

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
  expect(await platformRepository().file(pinFile('staging', 'product'))).toBe(moved('product'));
  expect(first.masks).toContain(token());

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
  const { issues } = await state();
  expect(issues.map(({ state, title }) => `${state}: ${title}`)).toEqual([
    'open: Promote 2 services to production',
  ]);

  const lines = await movedBy(() => platformRepository().merge(1));
  expect(lines.map(([where]) => where)).toEqual([
    `${pinFile('production', 'ui')}:4`,
    ...[4, 6].map(at => `${pinFile('production', 'product')}:${at}`),
  ]);
  const main = platformRepository();
  expect(await main.file(pinFile('production', 'product'))).toBe(moved('product'));
  expect(await main.file(pinFile('production', 'ui'))).toBe(await main.file(pinFile('staging', 'ui')));
  expect(await main.file('README.md')).toBe('by hand');
  const done = await promote(production);
  expect(done.log).toMatch(/\nproduction: nothing to promote\n$/);
});

test('a branch that takes no direct commits gets a pull request', async () => {
  await platformRepository().protect('main');
  const result = await promote(newImage);
  expect(result.annotations).toMatchObject([
    { level: 'notice', message: expect.stringMatching(/takes no direct commits/) },
  ]);
  expect(result.log).toMatch(/\nstaging: pull request #1 opened/);
});

test('lost answers and a head that moves are survived, and nothing happens twice', async () => {
  const lost = (path: string, effect: 'reset-after' | 'truncate' | 'reset-before') => ({
    path,
    effect: { kind: effect },
  });
  server().faults.schedule(
    { path: '/graphql', effect: { kind: 'html' } },
    { path: '/graphql', skip: 1, effect: { kind: 'status', status: 502 } },
    { path: '/graphql', skip: 2, effect: { kind: 'reset-after' } },
  );
  const first = await promote(newImage);
  expect([first.code, first.outputs.changed]).toEqual([0, 'true']);
  const { head } = platformRepository();
  expect(first.outputs.commit).toBe(await head());

  server().faults.schedule(
    { method: 'POST', ...lost('/git/refs', 'reset-after') },
    { method: 'POST', ...lost('/pulls', 'truncate') },
    { method: 'GET', ...lost('/compare/', 'reset-before') },
  );
  const second = await promote({ environment: 'production' });
  expect(second.code).toBe(0);
  expect(second.outputs).toMatchObject({ changed: 'true', 'pull-request': '1' });
  expect((await state()).issues).toHaveLength(1);
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
