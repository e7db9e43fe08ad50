import type { Move } from '../plan.ts';
import type { Candidate } from './candidate.ts';
import type { Facts } from './facts.ts';

/** What one gate says to one move. */
export interface Verdict {
  /** `waits`: it is not made now. `bypassed`: it would wait, and somebody who said why has asked to go past it. */
  outcome: 'passed' | 'waits' | 'bypassed';
  /** Why, as it reads after "ui v1.2.0 waits (soak): ". */
  why: string;
  /** When the same version would pass, if time is all that it takes. */
  until?: Date | undefined;
}

/** One condition that a move must meet before it is written. Pure: what it looks at was gathered before. */
export interface Gate {
  name: string;
  /** It is asked of nothing that waits for another one, and so has nothing to say to it. */
  isLast?: true;
  /** Undefined where it has nothing to say to this move. */
  judge(candidate: Candidate, facts: Facts): Verdict | undefined;
}

export const passed = (why: string): Verdict => ({ outcome: 'passed', why });
export const waits = (why: string, until?: Date): Verdict => ({ outcome: 'waits', why, until });

/** What one gate said to one service's version. */
export interface Result extends Verdict {
  service: string;
  version: string;
  gate: string;
}

export interface Waiting {
  move: Move;
  version: string;
  /** What the gates said that it waits for. */
  reasons: Result[];
}

export interface Judged {
  passed: Move[];
  waiting: Waiting[];
  results: Result[];
}

/** Which moves pass all gates. A gate that lacks its facts lets nothing pass. */
export function judge(candidates: readonly Candidate[], gates: readonly Gate[], facts: Facts): Judged {
  const judged = candidates.map(candidate => {
    const { service, version } = candidate;
    const ask = (some: readonly Gate[]) =>
      some.flatMap((gate): Result[] => {
        const verdict = gate.judge(candidate, facts);
        return verdict ? [{ service, version, gate: gate.name, ...verdict }] : [];
      });
    const reasonsIn = (results: readonly Result[]) => results.filter(({ outcome }) => outcome === 'waits');
    const first = ask(gates.filter(({ isLast }) => !isLast));
    const last = reasonsIn(first).length > 0 ? [] : ask(gates.filter(({ isLast }) => isLast));
    const results = [...first, ...last];
    return { candidate, results, reasons: reasonsIn(results) };
  });
  return {
    passed: judged.flatMap(({ candidate, reasons }) => (reasons.length === 0 ? [candidate.move] : [])),
    waiting: judged.flatMap(({ candidate: { move, version }, reasons }) =>
      reasons.length > 0 ? [{ move, version, reasons }] : [],
    ),
    results: judged.flatMap(({ results }) => results),
  };
}
