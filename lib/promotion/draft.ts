import { attempt, throwAll, UserError, UserErrors } from '../runner/errors.ts';
import { type Changes, holdsBetween } from './changes.ts';
import type { Refusal } from './gates/gates.ts';
import { changeHeld, type HoldChange } from './held/change.ts';
import type { HeldFile, Hold } from './held/file.ts';
import { rejection, vain, type Withheld, withholding } from './held/withhold.ts';
import type { World } from './observe.ts';
import { type Pin, pinFolder, pinPath } from './pin.ts';
import { type Move, type Plan, set, takeOver } from './plan.ts';
import type { Asked } from './trailers.ts';
import type { Wish } from './wish.ts';

/** What is to be written, and what is not and why. */
export interface Draft extends Changes {
  withheld: Withheld[];
  missing: Plan['missing'];
  unset: Plan['unset'];
}

/**
 * What it takes for the pins of one world to be as wished. Pure, so that it can be asked again when the world has moved.
 * @param world what is to be changed: a branch
 * @param reference what decides: the branch that this one is to be merged into, or itself
 */
export type Planner = (world: World, reference: World) => Draft;

interface Given {
  environment: string;
  /** Of platform.yaml: each service's image, without a version. */
  services: Readonly<Record<string, { image: string }>>;
  asked: Asked;
  now: Date;
  /** The commit that is rolled back to. */
  past?: World | undefined;
  /** Whether gates refuse a move; nothing where they let it pass. What `held.yaml` names stays in any case. */
  refuse?(move: Move): Refusal | undefined;
}

export function planner(wish: Wish, given: Given): Planner {
  const { environment } = given;
  switch (wish.kind) {
    case 'take-over':
      return (world, reference) => {
        const sources = only(reference.pins(wish.from), wish.service);
        if (sources.length === 0) throw unsourced(wish.from, wish.service);
        return promoted(given, world, reference, target => takeOver(sources, target));
      };
    case 'announce':
      return (world, reference) =>
        promoted(given, world, reference, target =>
          set(only(target, wish.service)[0] ?? unpinned(given, wish.service), wish),
        );
    case 'rollback':
      return (world, reference) => rolledBack(given, wish, world, reference);
    default: {
      const { kind, service, reason } = wish;
      const change: HoldChange =
        kind === 'pause'
          ? { add: [signed(given, { kind: 'paused', service }, reason)], drop: () => false }
          : {
              add: [],
              drop: hold =>
                hold.service === service && hold.kind === (kind === 'resume' ? 'paused' : 'rejected'),
            };
      return world => ({ ...nothing, ...heldAfter(given, world.held(environment), change) });
    }
  }
}

const nothing: Draft = { moves: [], added: [], dropped: [], withheld: [], missing: [], unset: [] };

const imageOf = (services: Given['services'], { pin }: Move): string => services[pin.service]?.image ?? '';

const only = (pins: readonly Pin[], service: string | undefined): Pin[] =>
  pins.filter(pin => service === undefined || pin.service === service);

/** Nothing to take over would look as if all were as wished, and close what is open. */
const unsourced = (from: string, service: string | undefined): UserError =>
  new UserError(
    service === undefined
      ? `There is no pin in ${from}: see how ${pinFolder(from)} and its files are spelled`
      : `${service} has no pin in ${from}: write ${pinPath(from, service)} first`,
  );

function unpinned({ environment }: Given, service: string): never {
  throw new UserError(
    `${service} has no pin in ${environment}: write ${pinPath(environment, service)} first`,
  );
}

/**
 * The moves that may be made. What `held.yaml` names, or the source has gone back behind, stays where the reference has it, also
 * where a branch has moved it already; what waits for gates stays where the branch has it, for there it has passed them.
 */
function promoted(
  { environment, services, refuse }: Given,
  world: World,
  reference: World,
  plan: (target: readonly Pin[]) => Plan,
): Draft {
  const stands = reference.pins(environment);
  throwAll(vain(reference.held(environment), stands, services));
  const { moves: wanted, missing, unset } = plan(stands);
  const withheld = wanted.flatMap((move): Withheld[] => {
    const found = withholding(environment, reference.held(environment), move, imageOf(services, move));
    return found ? [{ move, ...found }] : [];
  });
  const back = new Set(withheld.map(({ move }) => move.pin.service));
  const waiting = new Set<string>();
  for (const move of wanted.filter(({ pin }) => !back.has(pin.service))) {
    const refusal = refuse?.(move);
    if (refusal) (refusal.isBack ? back : waiting).add(move.pin.service);
  }
  const target = world.pins(environment);
  const moves = [
    ...plan(target).moves.filter(({ pin }) => !back.has(pin.service) && !waiting.has(pin.service)),
    ...takeOver(
      stands.filter(({ service }) => back.has(service)),
      target,
    ).moves,
  ];
  return { ...nothing, moves, missing, unset, withheld };
}

/** The pins of a commit. What is wrong with them is no mistake in today's files, and its lines are not there. */
function pinsAt(past: World, environment: string): Pin[] {
  const { result = [], errors } = attempt(() => past.pins(environment));
  throwAll(
    errors.map(
      ({ message, at }) =>
        new UserError(
          `As it stood at ${past.head.slice(0, 10)}, this is no pin to go back to (${message}): choose another commit, or roll back a service alone`,
          at,
        ),
    ),
  );
  return result;
}

/** @throws UserErrors when it would bring back what is rejected */
function rolledBack(
  given: Given,
  { service, reason }: Extract<Wish, { kind: 'rollback' }>,
  world: World,
  reference: World,
): Draft {
  const { environment, services, past } = given;
  const sources = past ? pinsAt(past, environment) : [];
  if (service !== undefined && sources.length === 0) {
    throw new UserError(`${service} has no pin in ${environment} at that commit: choose a later one`);
  }
  const left = takeOver(sources, reference.pins(environment)).moves;
  const held = reference.held(environment);
  const rejected = { ...held, holds: held.holds.filter(({ kind }) => kind === 'rejected') };
  const refused = left.flatMap(
    move => withholding(environment, rejected, move, imageOf(services, move)) ?? [],
  );
  if (refused.length > 0) throw new UserErrors(refused.map(({ reason }) => new UserError(reason)));
  const add = left.map(move => signed(given, rejection(move), reason));
  const { moves } = takeOver(sources, world.pins(environment));
  return { ...nothing, moves, ...heldAfter(given, world.held(environment), { add, drop: () => false }) };
}

const signed = ({ asked: { by, run }, now }: Given, hold: Hold, reason: string | undefined): Hold => ({
  ...hold,
  ...(by !== undefined && { by: by.replace(/ \(.*\)$/, '') }),
  at: now.toISOString().replace(/\.\d+Z$/, 'Z'),
  ...(reason !== undefined && { reason }),
  ...(run !== undefined && { run }),
});

function heldAfter({ environment, services }: Given, before: HeldFile, change: HoldChange) {
  const held = changeHeld(environment, before, change, Object.keys(services));
  return held ? { held, ...holdsBetween(before, held.held) } : {};
}
