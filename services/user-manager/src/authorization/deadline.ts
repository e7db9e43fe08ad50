import { Problem } from '../server/problem.ts';

/** Waits so long and no longer: a store that does not answer lets nobody in. */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new Problem(503, 'store-unavailable', 'Who you are could not be looked up in time. Try again.', {
          headers: { 'retry-after': '1' },
        }),
      );
    }, milliseconds);
  });
  work.catch(() => {}); // it may still fail when nobody waits any more
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
