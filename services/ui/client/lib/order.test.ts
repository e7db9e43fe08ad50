import { afterEach, expect, test, vi } from 'vitest';
import { connect } from '../api/client.ts';
import { ApiError } from '../api/problem.ts';
import { placeOrder, shortages } from './order.ts';

afterEach(() => vi.unstubAllGlobals());

const line = {
  productId: 'a',
  quantity: 2,
  seen: { name: '', priceMinor: 1, currency: 'CHF', imageUrl: null },
};
const problem = (status: number, name: string, more: object = {}, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ type: `urn:shop:problem:${name}`, detail: name, ...more }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
const taken = () => Response.json({ id: 'order' }, { status: 201 });

/** Answers one after the other; an Error is no answer. Returns what was sent, and how long it waited in between. */
function shop(...answers: (Response | Error)[]) {
  const sent: { key: string | null; body: unknown }[] = [];
  const waited: number[] = [];
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('fetch', async (request: Request) => {
    sent.push({ key: request.headers.get('idempotency-key'), body: await request.json() });
    const answer = answers.shift() ?? new Error('asked too often');
    if (answer instanceof Error) throw answer;
    return answer;
  });
  connect('https://api.example.com', () => {});
  const place = () =>
    placeOrder(
      'key',
      [line],
      () => {},
      async seconds => void waited.push(seconds),
    );
  return { place, sent, waited };
}

test('it asks again with the same key while there is no answer', async () => {
  const { place, sent, waited } = shop(
    new TypeError('connection lost'),
    problem(409, 'order-in-flight', {}, { 'retry-after': '3' }),
    problem(503, 'unavailable'),
    taken(),
  );
  expect(await place()).toEqual({ id: 'order' });
  expect(sent).toEqual(Array(4).fill({ key: 'key', body: { lines: [{ productId: 'a', quantity: 2 }] } }));
  expect(waited).toEqual([1, 3, 4]);
});

test.each([
  [409, 'out-of-stock'],
  [401, 'not-logged-in'],
  [422, 'idempotency-key-reused'],
  [400, 'invalid-request'],
])('%d %s is an answer: it does not ask again', async (status, name) => {
  const { place, sent } = shop(problem(status, name));
  await expect(place()).rejects.toMatchObject({ status, kind: name });
  expect(sent).toHaveLength(1);
});

test('it gives up after four', async () => {
  const { place, sent } = shop(...Array(5).fill(new TypeError('gone')));
  await expect(place()).rejects.toMatchObject({ kind: 'no-answer' });
  expect(sent).toHaveLength(4);
});

test('shortages are what the problem names, and nothing that is not as it should be', () => {
  const item = { productId: 'a', requested: 2, available: 1 };
  const error = new ApiError('out-of-stock', {
    status: 409,
    body: { items: [item, null, { productId: 1 }] },
  });
  expect(shortages(error)).toEqual([item]);
  expect(shortages(new ApiError('unavailable', { body: { items: [item] } }))).toEqual([]);
});
