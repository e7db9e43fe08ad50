import { createHash } from 'node:crypto';
import type { Step, StepResult } from '../runner.ts';
import type { Gate } from './gate.ts';

/** Everything that one action meets, fresh: what a row of the matrix disturbs. */
export interface World {
  gate: Gate;
  run(more?: Pick<Step, 'started' | 'postStarted'>): Promise<StepResult>;
  /** All that there is, also what is not ours. */
  state(): Promise<unknown>;
  /** What stand-ins had to refuse, and names that nobody answers for. */
  complaints(): string[];
  close(): Promise<void>;
}

/** An action in one situation, and what its worlds have in common. */
export interface Subject {
  open(): Promise<World>;
  close(): Promise<void>;
}

/** In every action's environment, so that `clock.ts` is loaded before it. */
export const quickly = { NODE_OPTIONS: `--import=${new URL('clock.ts', import.meta.url)}` };

/** How our dns action marks a record that it has made for a cluster. */
export function ourComment(cluster: string, source: string): string {
  const hash = createHash('sha256').update(cluster).digest('hex').slice(0, 12);
  return `slipway shop@${hash} ${source}`;
}

interface Hub {
  [slug: string]: { deployments: { statuses: { description?: string }[] }[] };
}

/**
 * What GitHub's stand-in has beside git. Of a deployment's statuses the last holds, and said twice it does no harm; what it
 * says beside that depends on what was left to do.
 */
export async function githubState(url: string): Promise<unknown> {
  const hub = (await (await fetch(`${url}/_sandbox/state`)).json()) as Hub;
  for (const { deployments } of Object.values(hub))
    for (const each of deployments)
      each.statuses = each.statuses.slice(-1).map(({ description: _, ...status }) => status);
  return hub;
}
