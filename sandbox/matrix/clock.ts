import { syncBuiltinESMExports } from 'node:module';
import promises from 'node:timers/promises';

/*
 * Loaded before an action (`node --import`), so that nobody waits for what only time decides. Pauses, as before another try,
 * take a tenth of their time, but not so little that who waits keeps the processor from what it waits for. Time limits stay
 * what they are on a busy machine, until SIGUSR2 says that what they are for has happened: then all that are running are up
 * at once. The clock itself stays true, and children have their own.
 */

const shortestPause = 1000;
const shorten = (milliseconds = 1) => Math.min(milliseconds, Math.max(shortestPause, milliseconds / 10));
/** Shorter than this is no limit on an answer. */
const shortestLimit = 5000;
const running = new Set<() => void>();

const { setTimeout: wait } = promises;
promises.setTimeout = (milliseconds, ...given) => wait(shorten(milliseconds), ...given);

const { setTimeout: later } = globalThis;
globalThis.setTimeout = Object.assign(
  (work: (...given: unknown[]) => void, milliseconds = 1, ...given: unknown[]) => {
    const timer = later(() => end(), milliseconds);
    const end = () => {
      clearTimeout(timer);
      running.delete(up);
      work(...given);
    };
    // One that was cleared is not up: Node says so of its own timers.
    const up = () => ('_destroyed' in timer && timer._destroyed ? running.delete(up) : end());
    if (milliseconds >= shortestLimit) running.add(up);
    return timer;
  },
  later,
) as typeof later;

const { timeout } = AbortSignal;
AbortSignal.timeout = milliseconds => {
  const early = new AbortController();
  const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  running.add(() => early.abort(reason));
  return AbortSignal.any([timeout.call(AbortSignal, milliseconds), early.signal]);
};
syncBuiltinESMExports();

process.on('SIGUSR2', () => {
  const limits = [...running];
  running.clear();
  for (const up of limits) up();
});
