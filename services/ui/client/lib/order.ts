import { call, products } from '../api/client.ts';
import { ApiError, isPassing } from '../api/problem.ts';
import type { Order } from '../api/types.ts';
import type { Line } from './basket.ts';

const attempts = 4;

/**
 * Orders, and asks again under the same key while there is no answer.
 * @param waiting told before each further attempt, with its number
 * @throws {ApiError}
 */
export async function placeOrder(
  key: string,
  lines: Line[],
  waiting: (attempt: number) => void,
  sleep = (seconds: number) => new Promise<void>(resolve => setTimeout(resolve, seconds * 1000)),
): Promise<Order> {
  const body = { lines: lines.map(({ productId, quantity }) => ({ productId, quantity })) };
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(products.POST('/orders', { params: { header: { 'idempotency-key': key } }, body }));
    } catch (error) {
      const again = error instanceof ApiError && isPassing(error) && error.kind !== 'offline';
      if (!again || attempt === attempts) throw error;
      waiting(attempt + 1);
      await sleep(Math.min(error.retryAfterSeconds ?? 2 ** (attempt - 1), 10));
    }
  }
}

export interface Shortage {
  productId: string;
  requested: number;
  available: number;
}

/** Which lines there was not enough for, as the problem `out-of-stock` says it. */
export const shortages = ({ kind, body }: ApiError): Shortage[] =>
  kind === 'out-of-stock' && Array.isArray(body.items)
    ? body.items.filter(item => typeof item?.productId === 'string' && Number.isInteger(item.available))
    : [];
