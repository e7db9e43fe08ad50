import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';

let running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running = [];
});

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts')], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk));
  return { child, ended: once(child, 'close').then(([code]) => code), output: () => output };
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return String(port);
}

test('it serves the page of its environment until it is asked to end', async () => {
  const [PORT, METRICS_PORT] = [await freePort(), await freePort()];
  const { child, ended, output } = start({
    HOST: 'shop.example.com',
    API_ORIGIN: 'https://api.example.com',
    PORT,
    METRICS_PORT,
    DRAIN_SECONDS: '0',
  });
  const get = (path: string, port = PORT) => fetch(`http://127.0.0.1:${port}${path}`);
  await expect
    .poll(() => get('/readyz').then(answer => answer.status, output), { timeout: 20_000 })
    .toBe(200);
  expect(await (await get('/config.json')).json()).toEqual({
    apiOrigin: 'https://api.example.com',
    shopName: 'Shop',
  });
  expect(await (await get('/metrics', METRICS_PORT)).text()).toContain('route="/config.json"');
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

test.each([
  [{}, 'HOST is not set, API_ORIGIN is not set: see the table of settings in README.md.'],
  [
    { HOST: 'shop', API_ORIGIN: "https://api.example.com; script-src 'unsafe-inline'" },
    'API_ORIGIN must match pattern',
  ],
])('with %j it does not start', async (env, message) => {
  const { ended, output } = start(env);
  expect(await ended).toBe(1);
  expect(output()).toContain(message);
  expect(output().trim().split('\n')).toHaveLength(1);
});
