import { expect, test } from 'vitest';
import { sigstore } from '../../lib/promotion/gates/attestation/testing.ts';
import { digest, gatesWorld, pin } from '../../scripts/testing/gates.ts';

const { server, write, repository, stage, production, promote, pullRequests } = gatesWorld();

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

test('only a digest that the workflow has attested is promoted', async () => {
  const instance = await sigstore();
  await write({ 'trusted-root.json': JSON.stringify(instance.trustedRoot) });
  const workflow = '.github/workflows/release.yml';
  const attestation = { workflow, ref: 'refs/heads/main', 'trusted-root': 'trusted-root.json' };
  const settings = { by: 'commit', gates: { attestation } };
  await stage('product', '1.1.0', digest('1'));
  const attest = async (about: string, of = workflow) =>
    server()
      .repository('acme/product')
      .attest({
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
