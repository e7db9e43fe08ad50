import { attempt } from '../runner/errors.ts';
import type { Hunk } from './editor/hunks.ts';
import { changeHeld, type HoldChange, sameHold } from './held/change.ts';
import type { HeldFile, Hold } from './held/file.ts';
import { versionOf } from './held/withhold.ts';
import { inert } from './inert.ts';
import type { World } from './observe.ts';
import { type Move, takeOver } from './plan.ts';

/** How an environment is to differ from what it is. */
export interface Changes {
  moves: Move[];
  /** Holds that come, and those that go. */
  added: Hold[];
  dropped: Hold[];
  /** The file of holds as it is to be, where it changes. */
  held?: { held: HeldFile; hunks: Hunk[] } | undefined;
}

export const isNothing = ({ moves, added, dropped }: Changes): boolean =>
  moves.length + added.length + dropped.length === 0;

export const holdsBetween = (before: HeldFile, after: HeldFile): Pick<Changes, 'added' | 'dropped'> => {
  const without = (holds: readonly Hold[], others: readonly Hold[]) =>
    holds.filter(hold => !others.some(other => sameHold(hold, other)));
  return { added: without(after.holds, before.holds), dropped: without(before.holds, after.holds) };
};

/** What merging one world into another would change. */
export function changesBetween(
  environment: string,
  services: readonly string[],
  base: World,
  proposed: World,
): Changes {
  const before = base.held(environment);
  const { moves } = takeOver(proposed.pins(environment), base.pins(environment));
  const holds = holdsBetween(before, proposed.held(environment));
  const change: HoldChange = {
    add: holds.added,
    drop: hold => holds.dropped.some(each => sameHold(each, hold)),
  };
  // Only to be shown: what cannot be changed so was changed by a person in another way.
  const { result: held } = attempt(() => changeHeld(environment, before, change, services));
  return { moves, ...holds, held };
}

/** `ui is paused (Campaign)`, `product v1.1.0 is rejected (Checkout fails)` */
export const holdLines = ({ added, dropped }: Changes): string[] => {
  const named = (hold: Hold) =>
    [hold.service, ...(hold.kind === 'rejected' ? [versionOf(hold)] : [])].join(' ');
  return [
    ...added.map(hold => `${named(hold)} is ${hold.kind}${because(hold)}`),
    ...dropped.map(hold => `${named(hold)} is ${hold.kind === 'paused' ? 'resumed' : 'released'}`),
  ];
};

const because = ({ reason }: Hold): string => (reason === undefined ? '' : ` (${inert(reason)})`);
