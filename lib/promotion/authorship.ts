import type { Pin } from './pin.ts';
import { fingerprint, readTrailers, type Step } from './trailers.ts';

/**
 * The services whose version on a promotion branch is a person's: it is not what this tool's last commit there has moved it
 * to. What stands as in the base is nobody's, unless somebody has put it back to where that commit found it.
 * @param messages of the commits that the branch has beyond its base, the newest first
 */
export function touchedByPeople(
  messages: readonly string[],
  branch: readonly Pin[],
  base: readonly Pin[],
): string[] {
  const steps = lastSteps(messages);
  return branch.flatMap(pin => {
    const other = base.find(({ service }) => service === pin.service);
    const [now, there] = [fingerprint(pin), other && fingerprint(other)];
    const step = steps.get(pin.service);
    const isOurs = step ? now === step.to || (now === there && now !== step.from) : now === there;
    return isOurs ? [] : [pin.service];
  });
}

function lastSteps(messages: readonly string[]): ReadonlyMap<string, Step> {
  const steps = new Map<string, Step>();
  for (const message of messages) {
    if (taken.test(message)) break; // what was done before it is not there any more
    for (const [service, step] of readTrailers(message).steps)
      if (!steps.has(service)) steps.set(service, step);
  }
  return steps;
}

/**
 * Whether this tool has made all that a branch has beyond its base, so that it may be made anew.
 * @param messages of these commits; of a hundred there may be more
 */
export const isAllOurs = (messages: readonly string[]): boolean =>
  messages.length < 100 &&
  messages.every(
    message => readTrailers(message).isOurs || taken.test(message) || /^Merge \S+ into \S+$/.test(message),
  );

/** The merge after which a branch is as its base. */
const taken = /^Take \S+ into \S+ as it is$/;
