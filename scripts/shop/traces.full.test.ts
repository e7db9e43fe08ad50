import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCollector, type Span } from '../../services/product/src/testing/otlp.ts';
import { openShop, type Shop } from './open.ts';

/* One order, seen from end to end by whoever collects traces. */

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
