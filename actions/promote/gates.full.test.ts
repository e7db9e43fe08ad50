import { expect, test } from 'vitest';
import { pinFile } from '../../sandbox/github/pins.ts';
import { digest, gatesWorld, pin } from '../../scripts/testing/gates.ts';

const { server, repository, stage, production, promote, pullRequests } = gatesWorld();

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
  const product = server().repository('acme/product');
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
    files: { [pinFile('staging', 'product')]: pin('product', 'x').replace('vx', older ?? '') },
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
  const token = server().token('github-actions[bot]');
  const telling = { command: ['node', '-e', `console.error('used ${token}'); process.exit(1)`] };
  const told = await promote({ by: 'commit', gates: { check: telling } }, { 'github-token': token });
  expect(told.outputs.held).toContain('used ***');
  for (const text of [told.outputs.held, told.summary, told.log]) expect(text).not.toContain(token);
  const missing = await promote({ by: 'commit', gates: { check: { command: ['no-such-command'] } } });
  expect([missing.code, missing.writes]).toEqual([1, 0]);
  expect(missing.annotations).toMatchObject([
    { level: 'error', message: expect.stringMatching(/The command "no-such-command" was not found/) },
  ]);
});
