import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { document } from '../src/document.ts';
import { attempts, auditor, operations } from '../src/testing/fuzz.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const described = await document();
const audit = auditor(described);

test.each(operations(described).map(operation => [operation.method, operation.path, operation] as const))(
  '%s %s: whatever is sent, the answer is a documented one',
  async (_, path, operation) => {
    const me = randomUUID();
    const product = await world.product();
    await world.ask('PUT', '/products/categories/tea', { as: await world.asAdmin(), body: { name: 'Tea' } });
    const order = await world.ask('POST', '/orders', {
      as: await world.asCustomer(me),
      headers: { 'idempotency-key': 'a' },
      body: { lines: [{ productId: product, quantity: 1 }] },
    });
    const known = {
      id: [path.startsWith('/orders') ? order.body.id : product],
      product: [product],
      'if-match': ['*', '"1-99"'],
    };
    await fc.assert(
      fc.asyncProperty(
        attempts(operation, known),
        fc.constantFrom('nobody', 'customer', 'admin', 'garbled'),
        async ({ method, path, headers, body }, name) => {
          const as = {
            nobody: undefined,
            customer: await world.asCustomer(me),
            admin: await world.asAdmin(),
            garbled: 'a.b.c',
          }[name];
          expect(audit(operation, await world.ask(method, path, { as, headers, body }))).toBeUndefined();
        },
      ),
      { numRuns: 150 },
    );
  },
);
