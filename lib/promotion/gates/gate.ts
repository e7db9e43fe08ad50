import type { Move } from '../plan.ts';
import type { Candidate } from './candidate.ts';
import type { Facts } from './facts.ts';

/** What one gate says to one move. */
export interface Verdict {
  /** `bypassed`: it would hold, and somebody who said why has asked to go past it. */
  outcome: 'passed' | 'held' | 'bypassed';
  /** Why, as it reads after "ui v1.2.0 is held by soak: ". */
  why: string;
  /** When the same version would pass, if time is all that it takes. */
  until?: Date | undefined;
}

/** One condition that a move must meet before it is written. Pure: what it looks at was gathered before. */
export interface Gate {
  name: string;
  /** Undefined where it has nothing to say to this move. */
  judge(candidate: Candidate, facts: Facts): Verdict | undefined;
}

export const passed = (why: string): Verdict => ({ outcome: 'passed', why });
export const held = (why: string, until?: Date): Verdict => ({ outcome: 'held', why, until });

/** What one gate said to one service's version. */
export interface Result extends Verdict {
  service: string;
  version: string;
  gate: string;
}

export interface Held {
  move: Move;
  version: string;
  /** What the gates that hold it said. */
  reasons: Result[];
}

export interface Judged {
  passed: Move[];
  held: Held[];
  results: Result[];
}

/** Which moves pass all gates. A gate that lacks its facts holds. */
export function judge(candidates: readonly Candidate[], gates: readonly Gate[], facts: Facts): Judged {
  const judged = candidates.map(candidate => {
    const { service, version } = candidate;
    const results = gates.flatMap((gate): Result[] => {
      const verdict = gate.judge(candidate, facts);
      return verdict ? [{ service, version, gate: gate.name, ...verdict }] : [];
    });
    return { candidate, results, reasons: results.filter(({ outcome }) => outcome === 'held') };
  });
  return {
    passed: judged.flatMap(({ candidate, reasons }) => (reasons.length === 0 ? [candidate.move] : [])),
    held: judged.flatMap(({ candidate: { move, version }, reasons }) =>
      reasons.length > 0 ? [{ move, version, reasons }] : [],
    ),
    results: judged.flatMap(({ results }) => results),
  };
}
