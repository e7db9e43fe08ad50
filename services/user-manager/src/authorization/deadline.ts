import { Problem } from '../server/problem.ts';

/** Waits so long and no longer: a store that does not answer lets nobody in. */
export const within = <T>(milliseconds: number, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(
          new Problem(503, 'store-unavailable', 'Who you are could not be looked up in time. Try again.', {
            headers: { 'retry-after': '1' },
          }),
        ),
      milliseconds,
    );
    work.then(
      value => {
        clearTimeout(timer);
        resolve(value);
      },
      error => {
        clearTimeout(timer);
        reject(error); // to nobody, when nobody waits any more
      },
    );
  });
