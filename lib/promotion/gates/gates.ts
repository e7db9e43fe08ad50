import type { Repository } from '../../github/repository.ts';
import type { Target } from '../../platform/platform.ts';
import type { Runner } from '../../runner/runner.ts';
import { inert } from '../inert.ts';
import type { Move } from '../plan.ts';
import type { PromoteRequest } from '../request.ts';
import { approval } from './approval.ts';
import { attestation } from './attestation.ts';
import { candidate } from './candidate.ts';
import { check } from './check.ts';
import type { Hotfix } from './freeze.ts';
import { type Gate, judge, type Waiting } from './gate.ts';
import { healthy } from './healthy.ts';
import { observe } from './observe.ts';
import { observeChecks } from './observe-checks.ts';
import { bypassedLines, gateMarkdown, type Shown, waitingLines, waitingNotice } from './render.ts';
import { soak } from './soak.ts';
import { downgrade, tags } from './tags.ts';

/** What the gates said, and how to ask them again about moves that were planned anew. */
export interface Gates {
  /**
   * Why a move must not be made, by the facts that were gathered: what these do not cover waits. Undefined where it may be. It
   * takes moves that were planned anew, as long as they are moves of the environment and not of a branch that is to be merged.
   */
  refusal(move: Move): Refusal | undefined;
  /** What waits of what was asked about at first. */
  waiting: readonly Waiting[];
  /** For the log: a line for each gate that something waits for, or that was gone past. */
  lines: string[];
  /** All that waits in one sentence, empty when nothing does. */
  notice: string;
  /** For a pull request's body and the summary; of all services unless told. */
  markdown(services?: readonly string[]): Shown;
  /** For the end of a commit's message: what was gone past, why and by whom. */
  trailers: string[];
}

export interface Refusal {
  why: string;
  /** The source has gone back behind it: what was proposed before is not what it stands for any more. */
  isBack: boolean;
}

/**
 * Finds out what the gates that are configured ask for about these moves. Nothing is asked for moves that there are not.
 * @param actor who has asked for them
 */
export async function openGates(
  runner: Runner,
  where: Target,
  request: PromoteRequest,
  remote: Repository | undefined,
  moves: readonly Move[],
  actor = 'somebody at a terminal',
): Promise<Gates> {
  const { services } = where.platform;
  const candidates = (each: readonly Move[]) =>
    each.map(move => candidate(move, services[move.pin.service]?.image ?? ''));
  const hotfix = request.hotfix === undefined ? undefined : { reason: request.hotfix.trim(), actor };
  const gates = await gatesOf(where, request, hotfix);
  let facts = await observe(runner, where, request, remote, candidates(moves));

  const settings = where.settings.promote?.check;
  if (settings) {
    const { passed } = judge(candidates(moves), gates, facts);
    const checks = await observeChecks(runner, where, request, settings, candidates(passed));
    facts = { ...facts, checks };
    gates.push(check);
  }
  const judged = judge(candidates(moves), gates, facts);
  const isPast = judged.results.some(({ gate, outcome }) => gate === 'freeze' && outcome === 'bypassed');
  return {
    refusal(move) {
      const again = judge(candidates([move]), gates, facts);
      const reasons = again.waiting.flatMap(each => each.reasons);
      if (reasons.length === 0) return undefined;
      return {
        why: waitingLines(again).join('; '),
        isBack: reasons.some(({ gate }) => gate === 'downgrade'),
      };
    },
    waiting: judged.waiting,
    lines: [...waitingLines(judged), ...bypassedLines(judged)],
    notice: waitingNotice(judged),
    markdown: shown => gateMarkdown(judged, shown),
    trailers:
      hotfix && isPast
        ? [`Slipway-Hotfix: ${inert(hotfix.reason)}`, `Slipway-Hotfix-By: ${inert(hotfix.actor)}`]
        : [],
  };
}

/** In the order in which they are shown: what is known at once first. */
async function gatesOf(
  { platform: { services }, settings: { promote } }: Target,
  request: PromoteRequest,
  hotfix: Hotfix | undefined,
): Promise<Gate[]> {
  // Loaded only where it is used: it knows the calendars of the world.
  const freezes = promote?.freeze ? [(await import('./freeze.ts')).freeze(promote.freeze, hotfix)] : [];
  return [
    tags(services),
    downgrade(services, request.downgrade),
    ...freezes,
    ...(promote?.healthy ? [healthy(promote.from)] : []),
    ...(promote?.soak ? [soak(promote.from, promote.soak, !promote.healthy)] : []),
    ...(promote?.approval ? [approval(promote.approval)] : []),
    ...(promote?.attestation ? [attestation] : []),
  ];
}
