import { syncBuiltinESMExports } from 'node:module';
import promises from 'node:timers/promises';

/*
 * Loaded before an action (`node --import`), it lets ten seconds of waiting pass in one: time limits, pauses before another
 * try, looks at what is under way. What an action reads from the clock stays true. Its children have their own time.
 */

export const faster = 10;
/** Short pauses stay as they are, for something has to happen meanwhile. */
const shorten = (milliseconds = 1) => (milliseconds < 200 ? milliseconds : milliseconds / faster);

const { setTimeout: later } = globalThis;
const { timeout } = AbortSignal;
const { setTimeout: wait } = promises;
globalThis.setTimeout = Object.assign(
  (work: () => void, milliseconds?: number, ...given: []) => later(work, shorten(milliseconds), ...given),
  later,
) as typeof later;
AbortSignal.timeout = milliseconds => timeout.call(AbortSignal, shorten(milliseconds));
promises.setTimeout = (milliseconds, ...given) => wait(shorten(milliseconds), ...given);
syncBuiltinESMExports();
