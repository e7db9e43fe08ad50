import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { document } from '../src/document.ts';
import { attempts, auditor, operations } from '../src/testing/fuzz.ts';
import { openWorld, origin, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const described = await document();
const audit = auditor(described);

test.each(operations(described).map(operation => [operation.method, operation.path, operation] as const))(
  '%s %s: whatever is sent, the answer is a documented one',
  async (_, __, operation) => {
    let [customer, admin] = [await world.person(), await world.person('admin')];
    const known = { id: [customer.id, admin.id] };
    const addresses = fc.ipV4();
    await fc.assert(
      fc.asyncProperty(
        attempts(operation, known),
        fc.constantFrom('nobody', 'customer', 'admin'),
        addresses,
        async (attempt, name, from) => {
          const cookie = { nobody: undefined, customer: customer.cookie, admin: admin.cookie }[name];
          const forwarded = {
            'x-forwarded-for': from,
            'x-forwarded-method': 'POST',
            'x-forwarded-proto': 'https',
            'x-forwarded-host': 'api.example.com',
            'x-forwarded-uri': '/',
          };
          const headers = { ...attempt.headers, ...forwarded, origin };
          const answer = await world.ask(attempt.method, attempt.path, {
            body: attempt.body,
            cookie,
            headers,
          });
          expect(audit(operation, answer)).toBeUndefined();
          // Whoever was logged out, or is not what they were, is somebody else from now on.
          if (name !== 'nobody' && (answer.headers['set-cookie'] || answer.status === 204))
            [customer, admin] = [await world.person(), await world.person('admin')];
        },
      ),
      { numRuns: 100 },
    );
  },
);
