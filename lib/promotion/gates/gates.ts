import type { Repository } from '../../github/repository.ts';
import type { Target } from '../../platform/platform.ts';
import { UserError, UserErrors } from '../../runner/errors.ts';
import type { Runner } from '../../runner/runner.ts';
import type { Move } from '../plan.ts';
import { approval } from './approval.ts';
import { attestation } from './attestation.ts';
import { candidate } from './candidate.ts';
import { check } from './check.ts';
import type { Hotfix } from './freeze.ts';
import { type Gate, judge } from './gate.ts';
import { healthy } from './healthy.ts';
import { observe } from './observe.ts';
import { observeChecks } from './observe-checks.ts';
import { bypassedLines, gateMarkdown, heldJson, heldLines, heldNotice } from './render.ts';
import { soak } from './soak.ts';
import { downgrade, tags } from './tags.ts';

/** What the inputs say about gates, and with which the world may be asked. */
export interface GateRequest {
  environment: string;
  platformFile: string;
  githubToken?: string | undefined;
  /** Of the cluster of the environment that the versions come from. */
  kubeconfig?: string | undefined;
  exoscaleApiKey?: string | undefined;
  exoscaleApiSecret?: string | undefined;
  /** Why a freeze is gone past. */
  hotfix?: string | undefined;
  downgrade: boolean;
  dryRun: boolean;
}

/** What the gates said, and how to ask them again about moves that were planned anew. */
export interface Gates {
  /**
   * Why a move must not be made, by the facts that were gathered: what these do not cover is held. Undefined where it may. It
   * takes moves that were planned anew, as long as they are moves of the environment and not of a branch that is to be merged.
   */
  refusal(move: Move): string | undefined;
  /** Whether a service is held as far as was asked at first. */
  holds(service: string): boolean;
  /** For the log: a line for each gate that holds or was gone past. */
  lines: string[];
  /** All of it in one sentence, empty when nothing is held. */
  notice: string;
  /** Parts of a pull request's body and of the summary. */
  markdown: string[];
  /** The output `held`. */
  held: string;
  /** For the end of a commit's message: what was gone past, why and by whom. */
  trailers: string[];
}

/**
 * Refuses what cannot be asked, before anything is read or written.
 * @throws UserErrors with everything that is missing
 */
export function assertAskable({ settings }: Target, request: GateRequest): void {
  const { environment, hotfix, kubeconfig, githubToken, exoscaleApiKey, exoscaleApiSecret } = request;
  const { promote } = settings;
  const errors: UserError[] = [];
  const ofCluster = [promote?.healthy && 'healthy', promote?.soak && 'soak'].filter(Boolean).join(', ');
  if (ofCluster && !kubeconfig && !(exoscaleApiKey && exoscaleApiSecret)) {
    errors.push(
      new UserError(
        `The gates ${ofCluster} of ${environment} ask the cluster of ${promote?.from}: give EXOSCALE_API_KEY and EXOSCALE_API_SECRET, or a kubeconfig of that cluster as the input "kubeconfig"`,
      ),
    );
  }
  const ofGitHub = [promote?.approval && 'approval', promote?.attestation && 'attestation']
    .filter(Boolean)
    .join(', ');
  if (ofGitHub && !githubToken) {
    errors.push(
      new UserError(
        `The gates ${ofGitHub} of ${environment} ask GitHub: give the input github-token, also to a dry run`,
      ),
    );
  }
  if (hotfix !== undefined && !/^[^\p{Cc}]{3,200}$/u.test(hotfix)) {
    errors.push(
      new UserError(
        'The input hotfix is the reason that the commit will carry: write one line of 3 to 200 characters',
      ),
    );
  }
  if (hotfix !== undefined && !promote?.freeze) {
    errors.push(
      new UserError(
        `The input hotfix goes past a freeze, and ${environment} has none in platform.yaml: leave it out`,
      ),
    );
  }
  if (errors.length > 0) throw new UserErrors(errors);
}

/** Finds out what the gates that are configured ask for about these moves. Nothing is asked for moves that there are not. */
export async function openGates(
  runner: Runner,
  where: Target,
  request: GateRequest,
  remote: Repository | undefined,
  moves: readonly Move[],
): Promise<Gates> {
  const { services } = where.platform;
  const candidates = (each: readonly Move[]) =>
    each.map(move => candidate(move, services[move.pin.service]?.image ?? ''));
  const { actor = 'somebody at a terminal' } = runner.context;
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
  const heldServices = new Set(judged.held.map(({ move }) => move.pin.service));
  const isPast = judged.results.some(({ gate, outcome }) => gate === 'freeze' && outcome === 'bypassed');
  return {
    refusal(move) {
      const again = judge(candidates([move]), gates, facts);
      return again.held.length > 0 ? heldLines(again).join('; ') : undefined;
    },
    holds: service => heldServices.has(service),
    lines: [...heldLines(judged), ...bypassedLines(judged)],
    notice: heldNotice(judged),
    markdown: gateMarkdown(judged),
    held: heldJson(judged),
    trailers:
      hotfix && isPast ? [`Slipway-Hotfix: ${hotfix.reason}`, `Slipway-Hotfix-By: ${hotfix.actor}`] : [],
  };
}

/** In the order in which they are shown: what is known at once first. */
async function gatesOf(
  { platform: { services }, settings: { promote } }: Target,
  request: GateRequest,
  hotfix: Hotfix | undefined,
): Promise<Gate[]> {
  // Loaded only where it is used: it knows the calendars of the world.
  const freezes = promote?.freeze ? [(await import('./freeze.ts')).freeze(promote.freeze, hotfix)] : [];
  return [
    tags(services),
    downgrade(services, request.downgrade),
    ...freezes,
    ...(promote?.healthy ? [healthy(promote.from)] : []),
    ...(promote?.soak ? [soak(promote.from, promote.soak)] : []),
    ...(promote?.approval ? [approval(promote.approval)] : []),
    ...(promote?.attestation ? [attestation] : []),
  ];
}
