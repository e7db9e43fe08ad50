import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Runner } from '../runner/runner.ts';
import { promote } from './promote.ts';
import type { PromoteRequest } from './request.ts';

const folder = mkdtempSync(join(tmpdir(), 'promote-'));
afterAll(() => rmSync(folder, { recursive: true }));

const environment =
  'zone: ch-gva-2, nodes: { type: standard.medium, count: 1 }, database: { plan: hobbyist-2 }';
const application = (version: string) =>
  `kind: Application\nspec: { source: { targetRevision: ${version}, kustomize: { images: [ghcr.io/acme/ui:${version}] } } }\n`;
const files = {
  'platform.yaml': `
name: shop
repository: https://github.com/acme/platform
state: { bucket: acme-terraform-state, zone: ch-gva-2 }
dns: { zone: example.com, owner: shop }
services:
  ui: { repository: https://github.com/acme/ui, image: ghcr.io/acme/ui, host: shop }
  product: { repository: https://github.com/acme/product, image: ghcr.io/acme/product, host: api }
environments:
  staging: { ${environment}, domain: staging.example.com }
  production: { ${environment}, domain: example.com, promote: { from: staging, by: commit } }
  nowhere: { ${environment}, domain: nowhere.example.com }
  lost: { ${environment}, domain: lost.example.com, promote: { from: nowhere, by: commit } }
  linked: { ${environment}, domain: linked.example.com, promote: { from: staging, by: commit } }
`,
  'manifests/environments/lost/ui.yaml': application('v1'),
  'manifests/environments/staging/ui.yaml': application('v2').replace('[', '[worker:v2, '),
  'manifests/environments/production/ui.yaml': application('v1'),
  'manifests/environments/staging/product.yaml': application('v1'),
};
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

mkdirSync(join(folder, 'manifests/environments/linked/product.yaml'), { recursive: true });
symlinkSync('../staging/ui.yaml', join(folder, 'manifests/environments/linked/ui.yaml'));

/** Keeps what is said; whatever a dry run without a token must not do is not there. */
function listener() {
  const said: string[] = [];
  const tell = (message: string) => void said.push(message);
  const runner = { context: {}, info: tell, warning: tell, notice: tell, summary: async () => {} };
  return { said, runner: runner as unknown as Runner };
}

const dry = (request: Partial<PromoteRequest>) => {
  const { said, runner } = listener();
  const platformFile = join(folder, 'platform.yaml');
  const usual = { environment: 'production', platformFile, dryRun: true, downgrade: false };
  return promote(runner, { ...usual, ...request }).then(done => ({ done, said }));
};

test('a later environment takes over what is ahead, and hears of what it lacks', async () => {
  const { done, said } = await dry({});
  expect(done.diff).toBe(`@@ manifests/environments/production/ui.yaml:2 @@
-spec: { source: { targetRevision: v1, kustomize: { images: [ghcr.io/acme/ui:v1] } } }
+spec: { source: { targetRevision: v2, kustomize: { images: [ghcr.io/acme/ui:v2] } } }`);
  expect(said[0]).toMatch(
    /^product has a pin in staging and none in production: copy manifests\/environments\/staging\/product\.yaml/,
  );
  expect(said[1]).toBe(
    'manifests/environments/staging/ui.yaml sets the version of "worker" and nothing does so in production: add its entry to manifests/environments/production/ui.yaml',
  );
  expect(said.at(-1)).toBe('production: Promote ui to production: v1 → v2 (a dry run)');
});

test('one service at a time, and nothing when it stands where it should', async () => {
  expect((await dry({ service: 'product' })).said.at(-1)).toBe('production: nothing to promote');
  expect((await dry({ environment: 'staging', service: 'ui', revision: 'v2' })).done).toMatchObject({
    changed: false,
    diff: '',
  });
});

test.each([
  ['an unknown service', { service: 'prodct' }, /did you mean "product"\?/],
  ['an unknown environment', { environment: 'stagin' }, /did you mean "staging"/],
  [
    'an image for a later environment',
    { service: 'ui', image: 'ghcr.io/acme/ui:v3' },
    /takes its versions from staging/,
  ],
  ['nothing for the first environment', { environment: 'staging' }, /is the first environment/],
  [
    'an image of somebody else',
    { environment: 'staging', service: 'ui', image: `ghcr.io/evil/ui:v1@sha256:${'1'.repeat(64)}` },
    /is not an image of ui/,
  ],
  [
    'an image without version',
    { environment: 'staging', service: 'ui', image: 'ghcr.io/acme/ui' },
    /names no version/,
  ],
  ['latest', { environment: 'staging', service: 'ui', image: 'ghcr.io/acme/ui:latest' }, /no "latest"/],
  ['a branch as revision', { environment: 'staging', service: 'ui', revision: 'main' }, /no fixed revision/],
  ['a path as revision', { environment: 'staging', service: 'ui', revision: 'a/../b' }, /no fixed revision/],
  [
    'an option as revision',
    { environment: 'staging', service: 'ui', revision: '--force' },
    /no fixed revision/,
  ],
  [
    'a source without a pin',
    { environment: 'lost' },
    /^There is no pin in nowhere: see how manifests\/environments\/nowhere and its files are spelled$/,
  ],
  ['a source without this pin', { environment: 'lost', service: 'ui' }, /^ui has no pin in nowhere: write/],
  ['a pin that is a link', { environment: 'linked' }, /symbolic link, which is never followed/],
  ['no token to write with', { dryRun: false }, /give the input github-token/],
])('%s is refused in one sentence', async (_, request, message) => {
  await expect(dry(request)).rejects.toThrow(message);
  await expect(dry(request)).rejects.toMatchObject({ name: 'UserError' });
});
