import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Egress, openEgress } from '../../sandbox/egress.ts';
import { type ExoscaleStandIn, exoscaleStandIn } from '../../sandbox/exoscale/index.ts';
import { caller, maker, remembered } from '../../sandbox/exoscale/testing.ts';
import { openRun } from '../../sandbox/run.ts';
import { runAction } from '../../sandbox/runner.ts';
import { pinned } from '../../sandbox/tools/parts.ts';

const credentials = { key: 'EXO0123456789abcdef01234567', secret: 'exoscale-secret-of-the-test' };
const root = join(import.meta.dirname, '..', '..');
const run = openRun();
const workspace = join(run.folder, 'workspace');
let exoscale: ExoscaleStandIn;
let egress: Egress;
let id: string;

beforeAll(async () => {
  mkdirSync(workspace);
  writeFileSync(join(workspace, 'platform.yaml'), readFileSync(join(root, 'platform.yaml')));
  exoscale = await exoscaleStandIn({ ...credentials, ...remembered() });
  egress = await openEgress(run, [{ host: '*.exoscale.com', target: exoscale.url }]);
  const version = pinned('kube-apiserver');
  id = await maker(caller(exoscale.url, credentials))('/sks-cluster', {
    ...{ name: 'shop-staging', level: 'starter', version },
  });
});
afterAll(async () => {
  await egress.close();
  await exoscale.close();
  await run.close();
});

async function kubeconfig(inputs: Record<string, string> = {}, onLine?: (line: string) => void) {
  const from = exoscale.requests.length;
  const result = await runAction({
    ...{ action: 'kubeconfig', cwd: workspace, env: run.environment(egress.environment) },
    inputs: {
      environment: 'staging',
      'exoscale-api-key': credentials.key,
      'exoscale-api-secret': credentials.secret,
      ...inputs,
    },
    ...(onLine && { onLine }),
  });
  const requests = exoscale.requests.slice(from).map(({ method, url, body }) => `${method} ${url} ${body}`);
  return { ...result, requests };
}

test('a kubeconfig is there for the steps that follow, for nobody else, and is gone afterwards', async () => {
  let during: { mode: number; content: string } | undefined;
  const started = Date.now();
  const { code, log, outputs, masks, requests } = await kubeconfig({ 'ttl-minutes': '3' }, line => {
    const [, path] = / is in (\/.+)$/.exec(line) ?? [];
    if (path) during = { mode: statSync(path).mode & 0o777, content: readFileSync(path, 'utf8') };
  });
  expect(code, log).toBe(0);
  expect(during).toEqual({
    mode: 0o600,
    content: '# slipway in system:masters for 180 s\nclient-key-data: c2VjcmV0\n',
  });
  expect(masks).toContain('c2VjcmV0');
  expect(requests).toEqual([
    'GET /v2/sks-cluster ',
    `POST /v2/sks-cluster-kubeconfig/${id} {"user":"slipway","groups":["system:masters"],"ttl":180}`,
  ]);
  const lives = Date.parse(outputs['expires-at'] ?? '') - started;
  expect(lives).toBeGreaterThanOrEqual(180_000);
  expect(lives).toBeLessThan(240_000);
  expect(existsSync(dirname(outputs.kubeconfig ?? ''))).toBe(false);
  expect(log).toContain('The kubeconfig is removed');
});

test.each([
  [{ environment: 'production' }, /There is no SKS cluster shop-production in ch-gva-2: "apply" creates it/],
  [{ 'ttl-minutes': 'soon' }, /Input "ttl-minutes" is "soon": write a whole number of minutes/],
  [{ 'exoscale-api-secret': 'wrong' }, /Exoscale refuses the key/],
])('%j is told in one sentence', async (inputs, message) => {
  const { code, annotations } = await kubeconfig(inputs);
  expect(code).toBe(1);
  expect(annotations).toMatchObject([{ level: 'error', message: expect.stringMatching(message) }]);
});
