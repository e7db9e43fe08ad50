import type { Line } from './basket.ts';

const name = 'order-attempt';

interface Attempt {
  key: string;
  /** Whose order of what it is. */
  of: string;
}

/**
 * The idempotency key of an order: the same for the same person and lines until it is settled, over retries, reloads and
 * a login in between. So an order whose answer was lost is not taken twice.
 */
export function attemptKey(userId: string, lines: Line[], storage: Storage): string {
  const of = JSON.stringify([userId, ...lines.map(line => [line.productId, line.quantity]).sort()]);
  const known = readAttempt(storage);
  if (known?.of === of) return known.key;
  const attempt: Attempt = { key: crypto.randomUUID(), of };
  storage.setItem(name, JSON.stringify(attempt));
  return attempt.key;
}

/** The order is taken or refused for good: the next one is another. */
export const settleAttempt = (storage: Storage): void => storage.removeItem(name);

function readAttempt(storage: Storage): Attempt | undefined {
  try {
    const value = JSON.parse(storage.getItem(name) ?? 'null');
    return typeof value?.key === 'string' && typeof value.of === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
