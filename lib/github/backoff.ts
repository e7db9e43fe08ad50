import { setTimeout as sleep } from 'node:timers/promises';

/** Waits before the next of several tries, for a random time so that those who collided do not collide again. */
export const backoff = (attempt: number): Promise<void> =>
  sleep(Math.random() * Math.min(3000, 100 * 2 ** attempt));
