import { setTimeout as sleep } from 'node:timers/promises';
import { KubernetesError } from '../kubectl/kubectl.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';

/** Something that is not as it must be, and why. */
export interface Problem {
  /** `Deployment argocd/argocd-server` */
  what: string;
  why: string[];
  /** How it stands in a word or two, for the live line; the first reason unless told. */
  state?: string;
}

/** One step of readiness: it is taken when nothing is wrong any more. */
export interface Rung {
  /** What is waited for, as it reads after "waiting for": `the Applications` */
  name: string;
  look(): Promise<Problem[]>;
  /** More reasons, at a price that is paid once: when time is up. */
  explain?(problems: Problem[]): Promise<Problem[]>;
}

/** How long a whole run may wait, over all its ladders. */
export interface Deadline {
  minutes: number;
  /** In milliseconds since 1970. */
  at: number;
  /** The longest pause between two looks, in milliseconds. */
  pause: number;
  /** The input by which the user can give it longer. */
  input?: string;
}

export const within = (minutes: number, input?: string): Deadline => ({
  minutes,
  at: Date.now() + minutes * 60_000,
  pause: 3000,
  ...(input && { input }),
});

/** The time ran out: all that is wrong on the rung where it did, and why. */
export class NotInTime extends UserErrors {
  override name = 'NotInTime';
}

const shortestPause = 300;

/**
 * Waits for one rung after the other.
 * @throws NotInTime
 */
export async function climb(runner: Runner, rungs: readonly Rung[], deadline: Deadline): Promise<void> {
  for (const rung of rungs) {
    // What is quick is seen at once; a look at what takes minutes may come seconds late.
    for (let pause = shortestPause; ; pause *= 1.5) {
      const problems = await tolerant(rung.look());
      if (problems.length === 0) break;
      if (Date.now() >= deadline.at) {
        const left = await explained(rung, problems);
        if (left.length === 0) break; // at the last moment
        throw failure(rung, left, deadline);
      }
      runner.progress(`Waiting for ${rung.name}: ${problems.map(short).join('; ')}`);
      await sleep(Math.min(pause, deadline.pause));
    }
  }
}

/** An API server that restarts, or a line that drops, is one more thing to wait for. */
async function tolerant(look: Promise<Problem[]>): Promise<Problem[]> {
  try {
    return await look;
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.reason !== 'Unavailable') throw error;
    return [{ what: 'The cluster', why: [error.message] }];
  }
}

async function explained(rung: Rung, problems: Problem[]): Promise<Problem[]> {
  try {
    return (await rung.explain?.(problems)) ?? problems;
  } catch (error) {
    if (error instanceof KubernetesError) return problems; // half an answer is better than none
    throw error;
  }
}

const short = ({ what, why, state }: Problem): string => `${what}: ${state ?? why[0] ?? 'not ready'}`;

function failure({ name }: Rung, problems: Problem[], { minutes, input }: Deadline): NotInTime {
  const longer = input ? `, or give it longer with the input "${input}"` : '';
  const all = problems.map(({ what }) => what).join(', ');
  return new NotInTime([
    new UserError(
      `${minutes} min are over, waiting for ${name}, not done: ${all}; mend what is named below and run it again${longer}`,
    ),
    ...problems.map(({ what, why }) => new UserError(`${what}: ${why.join('\n  ')}`)),
  ]);
}
