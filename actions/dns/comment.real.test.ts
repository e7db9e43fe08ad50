import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Cloudflare, cloudflare } from '../../sandbox/cloudflare/index.ts';
import { type Egress, openEgress } from '../../sandbox/egress.ts';
import { type TestHub, testHub } from '../../sandbox/github/testing.ts';
import { runAction } from '../../sandbox/runner.ts';

/* A pull request that brings a host: what its merge will do to DNS stands in its comment, and nothing is written. */

const route = (host: string) => `
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: { name: ui, namespace: shop }
spec: { routes: [{ kind: Rule, match: Host(\`${host}\`) }] }
`;

let hub: TestHub;
let server: Cloudflare;
let egress: Egress;
let folder: string;
beforeAll(async () => {
  hub = await testHub();
  folder = join(hub.run.folder, 'checkout');
  mkdirSync(folder);
});
afterAll(() => hub?.[Symbol.asyncDispose]());

beforeEach(async () => {
  const records = [{ type: 'A', name: 'www.example.com', content: '198.51.100.7' }];
  server = await cloudflare({ zones: [{ name: 'example.com', records }] });
  egress = await openEgress(hub.run, [
    { host: 'api.cloudflare.com', target: server.url },
    { host: 'api.github.com', target: hub.server.url },
  ]);
  return async () => {
    await egress.close();
    await server.close();
    expect([server.complaints, egress.refused, hub.server.complaints]).toEqual([[], [], []]);
    expect(server.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  };
});

type Step = Parameters<typeof runAction>[0];
function dryRun(host: string, github: Step['github'] = {}, inputs: Record<string, string> = {}) {
  writeFileSync(join(folder, 'ui.yaml'), route(host));
  return runAction({
    ...{ action: 'dns', cwd: folder, github, env: { ...hub.run.environment(), ...egress.environment } },
    inputs: {
      ...{ owner: 'acme', zones: 'example.com', target: '203.0.113.10', 'cluster-id': 'c-1' },
      ...{ manifests: '.', 'dry-run': 'true', 'cloudflare-api-token': 'cloudflare-token' },
      ...{ 'github-token': hub.server.token('github-actions[bot]'), ...inputs },
    },
  });
}

test('the plan stands in the comment of the pull request, and the next one in its place', async () => {
  const { slug, issue_number, head, list } = await hub.withPull('host');
  const pull = {
    ...{ repository: slug, event: 'pull_request' },
    payload: { pull_request: { number: issue_number, head: { sha: head } } },
  };
  const first = await dryRun('shop.example.com', pull);
  expect(first.code, first.log).toBe(0);
  const [only, ...others] = await list();
  expect(others).toEqual([]);
  expect(only?.body).toContain(`### DNS of example.com: 1 to create

\`\`\`diff
+ shop.example.com  A  203.0.113.10  IngressRoute shop/ui
\`\`\``);
  expect(only?.body).toContain(`dns acme · commit ${head.slice(0, 7)} · [the run](`);

  // A conflict fails the step, and is in the comment all the same.
  const second = await dryRun('www.example.com', pull);
  expect(second.code).toBe(1);
  const [latest, ...more] = await list();
  expect(more).toEqual([]);
  expect(latest?.body).toContain('! www.example.com  conflict: there is A 198.51.100.7');
  expect(latest?.body).not.toContain('shop.example.com');

  const production = await dryRun('shop.example.com', pull, { owner: 'other' });
  expect(production.code).toBe(0);
  expect((await list()).map(({ body }) => body.match(/### DNS of/g)?.length)).toEqual([2]);
});

test('without a token, or without a pull request, GitHub is not asked', async () => {
  const { slug, issue_number, list } = await hub.withPull('none');
  const payload = { pull_request: { number: issue_number } };
  const from = hub.server.requests.length;
  const pull = { repository: slug, event: 'pull_request', payload };
  const without = await dryRun('shop.example.com', pull, { 'github-token': '' });
  expect(without.code).toBe(0);
  expect(without.annotations).toEqual([
    { level: 'notice', message: expect.stringMatching(/^There is no comment on the pull request without/) },
  ]);
  expect((await dryRun('shop.example.com', { repository: slug, event: 'push' })).code).toBe(0);
  expect(hub.server.requests.length).toBe(from);
  expect(await list()).toEqual([]);
});
