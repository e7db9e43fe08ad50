import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { send } from '../src/testing/client.ts';
import { freshDatabase } from '../src/testing/database.ts';
import { openCollector } from '../src/testing/otlp.ts';
import { query } from '../src/testing/postgres.ts';
import { freePort, type Program, start } from '../src/testing/program.ts';

const settings = async () => ({ HOST: 'api.example.com', JWKS_URL: 'http://127.0.0.1:1/jwks.json' });

const running: Program[] = [];
afterEach(() => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL');
});

async function main(databaseUrl: string, more: Record<string, string> = {}) {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const program = start('main.ts', {
    ...(await settings()),
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
    DRAIN_SECONDS: '1',
    ...more,
  });
  running.push(program);
  const here = `http://127.0.0.1:${port}`;
  const alive = () =>
    send(here, 'GET', '/healthz').then(
      answer => answer.status,
      () => program.output(),
    );
  await expect.poll(alive, { timeout: 50_000 }).toBe(200);
  return { ...program, here, metrics: `http://127.0.0.1:${metricsPort}` };
}

async function emptyDatabase(): Promise<string> {
  const name = `empty_${Date.now().toString(36)}`;
  await query(`${inject('postgres')}/postgres`, `CREATE DATABASE ${name}`);
  return `${inject('postgres')}/${name}`;
}

test('a replica does not migrate, and is not ready before somebody has; two who migrate at once take turns', async () => {
  const url = await emptyDatabase();
  const { here } = await main(url);
  const before = await send(here, 'GET', '/readyz');
  expect([before.status, before.body.detail]).toEqual([503, 'Migrations are missing: all.']);

  const twice = [1, 2].map(() => start('migrate.ts', { DATABASE_URL: url }));
  expect(await Promise.all(twice.map(each => each.ended))).toEqual([0, 0]);
  const said = twice.map(each => each.output()).sort();
  expect(said).toEqual([expect.stringMatching(/^Migrated: 001_/), 'Nothing to migrate.\n']);
  expect((await send(here, 'GET', '/readyz')).status).toBe(200);

  const row = "(gen_random_uuid(), 'Sencha green tea', '', 1200, 5)";
  await query(url, `INSERT INTO product.products (id, name, description, price_minor, stock) VALUES ${row}`);
  const misspelt = await send(here, 'GET', '/products?q=senhca');
  expect(misspelt.body.products).toMatchObject([{ name: 'Sencha green tea' }]);
});

test('metrics have a port of their own', async () => {
  const { here, metrics } = await main(await emptyDatabase());
  expect((await send(here, 'GET', '/metrics')).status).toBe(404);
  const answer = await send(metrics, 'GET', '/metrics');
  expect(answer.text).toContain(
    'http_request_duration_seconds_count{method="GET",route="/healthz",status="200"}',
  );
  expect((await send(metrics, 'GET', '/healthz')).status).toBe(404);
});

test('asked to end, it says that it is not ready, still answers, and then goes', async () => {
  const { here, child, ended, output } = await main(await emptyDatabase());
  child.kill('SIGTERM');
  await expect
    .poll(async () => (await send(here, 'GET', '/readyz')).body.detail)
    .toBe('It is shutting down.');
  const answer = await send(here, 'GET', '/openapi.json');
  expect([answer.status, answer.headers.connection]).toEqual([200, 'close']);
  expect(await Promise.race([ended, sleep(15_000)])).toBe(0);
  expect(output()).toMatch(/"msg":"ended"/);
});

test('without its settings it does not start, and says in one line what is missing', async () => {
  const { ended, output } = start('main.ts', {});
  expect(await ended).toBe(1);
  expect(output().trim().split('\n')).toEqual([
    'HOST is not set, JWKS_URL is not set: see the table of settings in README.md.',
  ]);
});

describe('traces', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const traceparent = ['traceparent', `00-${traceId}-00f067aa0ba902b7-01`] as const;
  /** Has a program say which parts of OpenTelemetry it loads; the API alone comes with the metrics. */
  const telling = `--import=data:text/javascript,${encodeURIComponent(`
    import { registerHooks } from 'node:module';
    registerHooks({
      load(url, context, next) {
        if (/opentelemetry.(sdk|exporter|instrumentation)/.test(url)) console.error('loads', url);
        return next(url, context);
      },
    });`)}`;

  test('go to the collector that is named, and on from what came: the request, and what it asked the database', async () => {
    const collector = await openCollector();
    const { here, child, ended, output } = await main(await freshDatabase(), {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      NODE_OPTIONS: telling,
    });
    await send(here, 'GET', '/products?q=teapot', { headers: [traceparent] });
    child.kill('SIGTERM'); // what is left is sent before it ends
    expect(await ended).toBe(0);
    collector.close();
    const { spans } = collector;
    const request = spans.find(({ parentId }) => parentId === '00f067aa0ba902b7');
    expect(request).toMatchObject({ service: 'product', name: 'GET /products', traceId });
    const asked = spans.filter(({ parentId }) => parentId === request?.spanId);
    expect(asked.map(span => span.attributes['db.system.name'])).toContain('postgresql');
    expect(JSON.stringify(asked)).not.toContain('teapot'); // statements have places for values
    expect(spans.some(({ attributes }) => /healthz/.test(JSON.stringify(attributes)))).toBe(false);
    expect(output()).toContain('loads');
  });

  test('without a collector nothing of it is loaded', async () => {
    const { output } = await main(await freshDatabase(), { NODE_OPTIONS: telling });
    expect(output()).not.toContain('loads');
  });
});
