import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../sandbox/ports.ts';
import { openCollector, type Span } from '../../services/product/src/testing/otlp.ts';
import { openClient } from './client.ts';
import { openShop, type Shop } from './open.ts';
import { startTraefik } from './programs.ts';

/* What operators see of one request: its trace, and its lines in the logs. */

let shop: Shop;
let collector: Awaited<ReturnType<typeof openCollector>>;
beforeAll(async () => {
  collector = await openCollector();
  shop = await openShop(undefined, { collector: collector.url });
});
afterAll(async () => {
  await shop?.close();
  collector.close();
});

test('a request is one trace from Traefik over the user-manager and the product service to the database', async () => {
  const { body } = await shop.client.must('GET', '/products?limit=100');
  const productId = body.products.find(({ stock }: { stock: number }) => stock > 0).id;
  const lines = [{ productId, quantity: 1 }];
  await shop.client.must('POST', '/orders', { lines }, { 'idempotency-key': 'traced' });

  const trace = (): Span[] => {
    const { traceId } = collector.spans.find(({ name }) => name === 'POST /orders') ?? {};
    return collector.spans.filter(span => span.traceId === traceId);
  };
  const from = () => [...new Set(trace().map(({ service }) => service))].sort();
  await expect.poll(from, { timeout: 30_000 }).toEqual(['product', 'traefik', 'user-manager']);

  const spans = trace();
  const above = (span?: Span) => spans.find(({ spanId }) => spanId === span?.parentId);
  const named = (service: string, name: string) =>
    spans.find(span => span.service === service && span.name === name);
  const order = named('product', 'POST /orders');
  const asked = named('user-manager', 'GET /auth');
  expect([above(order)?.service, above(asked)?.service]).toEqual(['traefik', 'traefik']);
  expect(spans.filter(({ parentId }) => parentId === '').map(({ service }) => service)).toEqual(['traefik']);
  const statements = spans.filter(span => span.attributes['db.system.name'] === 'postgresql');
  expect([...new Set(statements.map(({ service }) => service))].sort()).toEqual(['product', 'user-manager']);
});

test('a request has one name: in its answer, in its service’s log and in Traefik’s, and no client gives it', async () => {
  const manifest = join(import.meta.dirname, '../../manifests/platform/traefik/deployment.yaml');
  const more = [...readFileSync(manifest, 'utf8').matchAll(/--accesslog\S*/g)].map(([argument]) => argument);
  const [port, name] = [await freePort(), 'traefik-logging'];
  await startTraefik(shop.run, name, { place: shop.place, port, ready: '/products?limit=1', more });
  const lines = (program: string): Record<string, unknown>[] =>
    readFileSync(join(shop.run.folder, `logs/${program}.log`), 'utf8')
      .split('\n')
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line));

  const client = openClient({ ...shop, port });
  const cookie = `__Host-sid=${'A'.repeat(43)}`;
  const found = await client.ask('GET', '/products?q=none', undefined, { cookie, 'x-request-id': 'mine' });
  const refused = await client.ask('GET', '/orders', undefined, { cookie, 'x-request-id': 'mine' });
  const ids = [found, refused].map(({ headers }) => headers['x-request-id']);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);

  const line = (program: string, key: string, id: unknown) => () =>
    lines(program).find(one => one[key] === id);
  await expect
    .poll(line('product', 'reqId', ids[0]))
    .toMatchObject({ method: 'GET', url: '/products?q=none', status: 200 });
  const downstream = 'downstream_X-Request-Id';
  await expect
    .poll(line(name, downstream, ids[0]))
    .toMatchObject({ RequestPath: '/products?q=none', DownstreamStatus: 200 });
  await expect
    .poll(line(name, downstream, ids[1]))
    .toMatchObject({ RequestPath: '/orders', DownstreamStatus: 401 });
  expect(JSON.stringify(lines(name))).not.toContain('A'.repeat(43));
});
