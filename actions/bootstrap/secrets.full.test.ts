import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterWorld, clusterWorld } from '../../sandbox/cluster-world.ts';
import { caller, settled } from '../../sandbox/exoscale/testing.ts';

/* The recipes of docs/operations-secrets.md, as they stand there, on a cluster in which everything runs. */

const page = readFileSync(join(import.meta.dirname, '../../docs/operations-secrets.md'), 'utf8');
const execute = promisify(execFile);

let world: ClusterWorld;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  world = await clusterWorld();
  const { code, log } = await world.step('bootstrap', { 'repository-token': 'the-first-token' });
  expect(code, log).toBe(0);
  const subject = { user: 'somebody', groups: ['system:masters'], ttlSeconds: 7200 };
  const kubeconfig = join(world.sandbox.run.folder, 'kubeconfig');
  await writeFile(kubeconfig, await world.cluster.kubeconfig(subject), { mode: 0o600 });
  env = { ...(await world.sandbox.environment()), KUBECONFIG: kubeconfig };
});
afterAll(() => world?.close());

/** The blocks of commands below a heading, or below a paragraph that begins in bold. */
function blocks(title: string): string[][] {
  const from = page.indexOf(title);
  expect(from, `the page has ${title}`).toBeGreaterThan(0);
  const rest = page.slice(from + title.length);
  const section = rest.slice(0, /^(##|\*\*)/m.exec(rest)?.index);
  return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = '']) => text.trim().split('\n'));
}

const bootstrap = 'npm run slipway -- bootstrap staging';

/** Runs a block as a person would, line by line; the action as the runner starts it. */
async function follow(lines: string[] = [], tokens: Record<string, string> = {}): Promise<string> {
  expect(lines).not.toEqual([]);
  let log = '';
  for (const line of lines) {
    if (line === bootstrap) {
      const { code, log: said } = await world.step('bootstrap', {}, { env: tokens });
      expect(code, said).toBe(0);
      log += said;
    } else {
      await execute('sh', ['-ec', line], { env, cwd: world.sandbox.run.folder });
    }
  }
  return log;
}

async function value(namespace: string, name: string, key: string): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
  const { body } = await world.cluster.api<{ data?: Record<string, string> }>('GET', path);
  const found = body.data?.[key];
  return found === undefined ? undefined : Buffer.from(found, 'base64').toString();
}

test.each([
  ["## Rotate Argo CD's server key", 'argocd', 'argocd-secret', 'server.secretkey'],
  ["## Rotate the password of Argo CD's Redis", 'argocd', 'argocd-redis', 'auth'],
  ["## Rotate the user-manager's signing key", 'shop', 'user-manager-keys', 'signing-key.pem'],
])('%s', async (title, namespace, name, key) => {
  const before = await value(namespace, name, key);
  expect(before).toBeTruthy();
  const log = await follow(blocks(title)[0]);
  const after = await value(namespace, name, key);
  expect(after).toBeTruthy();
  expect(after).not.toBe(before);
  expect(log).toMatch(/staging: (1 created, 0|0 created, 1) changed; 7 Applications/);
});

test("## Rotate the database's password", async () => {
  const { EXOSCALE_API_KEY: key, EXOSCALE_API_SECRET: secret } = world.sandbox.secrets;
  const call = caller(world.sandbox.exoscale.url, { key, secret });
  const [, method = '', path = ''] = /`(PUT) \/v2(\/dbaas-postgres\/\S+)`/.exec(page) ?? [];
  const before = await value('shop', 'database', 'password');
  const { body } = await call(method, path, {});
  await settled(call, body.id);
  const log = await follow(blocks("## Rotate the database's password")[0]);
  expect(log).toMatch(/~ Secret shop\/database\n(.*\n)*? {4}data\.password: another value \(hidden\)\n/);
  const after = await value('shop', 'database', 'password');
  expect(after).not.toBe(before);
  const rows = await world.sandbox.postgres('shop-staging')?.query('SELECT 1 AS one');
  expect(rows).toEqual([{ one: 1 }]);
  expect(await value('shop', 'database', 'uri')).toContain(encodeURIComponent(after ?? ''));
});

test.each([
  ['## Rotate the repository token', 'argocd', 'repositories-acme', 'password', 'REPOSITORY_TOKEN'],
  [
    '## Rotate the Cloudflare token',
    'cert-manager',
    'cloudflare-api-token',
    'api-token',
    'CLOUDFLARE_API_TOKEN',
  ],
])('%s', async (title, namespace, name, key, variable) => {
  const [bring, remove] = blocks(title);
  const log = await follow(bring, { [variable]: 'the-second-token' });
  expect(await value(namespace, name, key)).toBe('the-second-token');
  expect(log).toContain(`~ Secret ${namespace}/${name}\n    data.${key}: another value (hidden)\n`);
  expect(log).not.toContain('the-second-token');
  if (!remove) return;
  await follow(remove);
  await follow([bootstrap]);
  expect(await value(namespace, name, key)).toBeUndefined();
});

test('## Restore', async () => {
  const [keep, put] = blocks('**With the old signing key**');
  const key = await value('shop', 'user-manager-keys', 'signing-key.pem');
  await follow(keep);
  await world.cluster.api('DELETE', '/api/v1/namespaces/shop/secrets/user-manager-keys');
  // The namespace is there already: this is not a new cluster.
  await follow(put?.filter(line => line !== 'kubectl create namespace shop'));
  expect(await value('shop', 'user-manager-keys', 'signing-key.pem')).toBe(key);

  const uri = await value('shop', 'database', 'uri');
  await follow(blocks('**A Secret was deleted or changed by hand.**')[0]);
  expect(await value('shop', 'database', 'uri')).toBe(uri);
});
