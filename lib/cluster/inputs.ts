import { isIP } from 'node:net';
import { UserError, UserErrors } from '../runner/errors.ts';
import { minutes, oneOf } from './values.ts';

/** How far a bootstrap waits; each includes those before it. */
export const goals = ['applications', 'certificates', 'http'] as const;
export type Goal = (typeof goals)[number];

export interface Given {
  until: string;
  timeoutMinutes: string;
  target?: string | undefined;
}

export interface Inputs {
  until: Goal;
  minutes: number;
  target?: string;
}

/** @throws UserErrors with every input that is wrong */
export function inputs({ until, timeoutMinutes, target }: Given): Inputs {
  const errors: UserError[] = [];
  const read = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      errors.push(error);
      return undefined;
    }
  };
  const goal = read(() => oneOf('until', until, goals));
  const time = read(() => minutes('timeout-minutes', timeoutMinutes));
  if (
    target !== undefined &&
    !isIP(target) &&
    !/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9-]+$/i.test(target)
  )
    errors.push(
      new UserError(`Input "target" is "${target}": write an address or a host name, without a port`),
    );
  if (goal === undefined || time === undefined || errors.length > 0) throw new UserErrors(errors);
  return { until: goal, minutes: time, ...(target && { target }) };
}
