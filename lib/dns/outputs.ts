import type { Claim, Remarks } from './claims.ts';
import type { Decision } from './decision.ts';
import type { NewRecord, Operation } from './difference.ts';
import type { Plan } from './plan.ts';
import { kept } from './render.ts';

/* The same for other steps of a workflow. GitHub takes a MiB of outputs from a job, in which a character counts twice:
   https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idoutputs */

const most = 400_000;

/** Hands out what fits: from each list the first ones, as long as there is room. */
export function bounded(room = most) {
  let leftOut = 0;
  return {
    /** How many there was no room for. */
    leftOut: () => leftOut,
    of<T>(items: readonly T[]): T[] {
      const fit = items.findIndex(item => {
        room -= JSON.stringify(item).length + 1;
        return room < 0;
      });
      if (fit < 0) return [...items];
      leftOut += items.length - fit;
      return items.slice(0, fit);
    },
  };
}

/**
 * The plans. Names that are as wished are counted, and so are those for which there is no room.
 * @param claims of which zone ever: they say which objects want a name
 */
export function json(
  plans: readonly Plan[],
  { notes, unseen = [] }: Remarks,
  claims: readonly Pick<Claim, 'name' | 'source'>[],
) {
  const sources = Map.groupBy(claims, ({ name }) => name);
  const objectsOf = (name: string) => [...new Set((sources.get(name) ?? []).map(each => each.source))].sort();
  const room = bounded();
  const zones = plans.map(plan => ({
    ...{ zone: plan.zone, kept: kept(plan) },
    names: room.of(plan.decisions.flatMap(each => named(each, objectsOf(each.name)))),
    ...(plan.refusal !== undefined && { refusal: plan.refusal }),
    ...(plan.withheld !== undefined && { withheld: plan.withheld }),
  }));
  const whole = { zones, notes: room.of(notes), unseen: room.of(unseen) };
  return { ...whole, ...(room.leftOut() > 0 && { leftOut: room.leftOut() }) };
}

/** `objects` is empty when none claims the name any longer. */
type Named = { name: string; objects: string[]; disputed?: string } & (
  | { kind: 'keep' }
  | { kind: 'hold' | 'conflict'; reason: string }
  | { kind: 'change'; why: string; operations: ReturnType<typeof shown>[] }
);

function named({ name, disputed, ...decision }: Decision, objects: string[]): Named[] {
  const also = disputed !== undefined && { disputed };
  if (decision.kind === 'keep') return also ? [{ name, objects, kind: decision.kind, ...also }] : [];
  const { kind } = decision;
  if (kind !== 'change') return [{ name, objects, kind, reason: decision.reason, ...also }];
  return [{ name, objects, kind, why: decision.why, operations: decision.operations.map(shown), ...also }];
}

const value = ({ content, ttl, proxied }: NewRecord) => ({ content, ttl, proxied });

const shown = (operation: Operation) => ({
  kind: operation.kind,
  type: operation.kind === 'delete' ? operation.before.type : operation.after.type,
  ...(operation.kind !== 'create' && { from: value(operation.before) }),
  ...(operation.kind !== 'delete' && { to: value(operation.after) }),
});
