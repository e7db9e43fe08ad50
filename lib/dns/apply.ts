import type { Batch, BatchOutcome, Rejection } from '../cloudflare/cloudflare.ts';
import { UserError } from '../runner/errors.ts';
import { type Change, operationsOf } from './decision.ts';
import { type Operation, patched } from './difference.ts';
import { growth } from './guard.ts';

export interface Failure {
  name: string;
  reason: string;
}

export interface Applied {
  /** What Cloudflare has said that it has done. */
  made: Operation[];
  failures: Failure[];
  /** A failure says that the zone is no longer as it was listed: list and plan again. */
  stale: boolean;
  /** Why it is not known whether the last batch was applied; nothing was sent after it. List and plan again. */
  lost?: { reason: string; operations: Operation[] };
  /** Why nothing more could be sent, such as a token that is not accepted. */
  error?: UserError;
}

/**
 * Writes changes in as few batches as the limit allows. All operations of one name share a batch, so a name is never
 * without a record in between; a batch that is rejected is halved by names until the ones at fault stand alone.
 */
export async function apply(
  changes: readonly Change[],
  limit: number,
  send: (batch: Batch) => Promise<BatchOutcome>,
): Promise<Applied> {
  const applied: Applied = { made: [], failures: [], stale: false };
  let full = false;
  /** How many names in a row were refused alike since anything was taken. */
  const row = { reason: '', length: 0 };
  // Faults of single names stand between others that are taken; what all are refused for is no fault of theirs.
  const enough = 2 * Math.ceil(Math.log2(changes.length + 1));
  /** Refused whole when the row was full: those at fault in them are looked for once others have been taken. */
  let later: Change[][] = [];

  async function sent(group: readonly Change[]): Promise<BatchOutcome | undefined> {
    const operations = operationsOf(group);
    try {
      const outcome = await send(batchOf(operations));
      if (outcome.kind === 'applied') applied.made.push(...operations);
      if (outcome.kind === 'lost') applied.lost = { reason: outcome.reason, operations };
      return outcome;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      applied.error = error;
      return undefined;
    }
  }

  async function attempt(group: readonly Change[]): Promise<void> {
    if (applied.lost ?? applied.error) return;
    // Once one name has found no room, every other that needs some would be refused, one by one.
    const fitting = full ? group.filter(change => growth(change) <= 0) : group;
    for (const { name } of group.filter(change => !fitting.includes(change))) {
      applied.failures.push({ name, reason: 'the zone has no room for more records' });
    }
    if (fitting.length === 0) return;
    const isEnough = row.length >= enough;
    const outcome = await sent(fitting);
    if (outcome?.kind === 'applied') row.length = 0;
    if (outcome?.kind !== 'rejected') return;
    if (isEnough) later.push([...fitting]);
    else await narrow(fitting, outcome.errors);
  }

  async function narrow(group: readonly Change[], errors: readonly Rejection[]): Promise<void> {
    if (group.length > 1) {
      for (const half of halves(group)) await attempt(half);
      return;
    }
    applied.stale ||= errors.some(isStale);
    full ||= errors.some(({ code }) => code === quota);
    const reason = reasons(errors);
    Object.assign(row, { reason, length: reason === row.reason ? row.length + 1 : 1 });
    for (const { name } of group) applied.failures.push({ name, reason });
  }

  // What makes room comes first.
  const ordered = [...changes].sort((a, b) => growth(a) - growth(b));
  for (let groups = packed(ordered, limit); groups.length > 0; ) {
    const before = applied.made.length;
    for (const group of groups) await attempt(group);
    if (applied.lost ?? applied.error) break;
    [groups, later] = [later, []];
    if (applied.made.length > before) {
      row.length = 0;
      continue;
    }
    // Somebody in them may be without fault; what all are refused for shows again in a few halves.
    if (groups.length <= enough / 2 && groups.some(({ length }) => length > 1)) {
      groups = groups.flatMap(halves);
      continue;
    }
    const reason = `${row.reason}; not tried alone, as ${row.length} others in a row were refused for this`;
    applied.failures.push(...groups.flat().map(({ name }) => ({ name, reason })));
    break;
  }
  return applied;
}

function halves(group: readonly Change[]): Change[][] {
  const middle = Math.ceil(group.length / 2);
  return [group.slice(0, middle), group.slice(middle)].filter(({ length }) => length > 0);
}

const quota = 81045;

// Somebody has been faster: the plan has seen every record that a batch could clash with, or that it changes. 81053 to 81056
// are clashes of types at one name, 81057 and 81058 the same record, 81044 one that has gone.
const isStale = ({ code }: Rejection) => code === 81044 || (code >= 81053 && code <= 81058);

const reasons = (errors: readonly Rejection[]): string =>
  errors.map(({ code, message }) => `${message.replace(/\.$/, '')} (${code})`).join('; ');

function packed(changes: readonly Change[], limit: number): Change[][] {
  const groups: Change[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const change of changes) {
    size += change.operations.length;
    if (size > limit) {
      groups.push([]);
      size = change.operations.length;
    }
    groups.at(-1)?.push(change);
  }
  return groups;
}

function batchOf(operations: readonly Operation[]): Batch {
  const batch: Batch = { deletes: [], patches: [], posts: [] };
  for (const operation of operations) {
    if (operation.kind === 'create') batch.posts.push(operation.after);
    else if (operation.kind === 'delete') batch.deletes.push({ id: operation.before.id });
    else {
      const { before, after } = operation;
      const changed = patched.filter(key => before[key] !== after[key]);
      batch.patches.push({ id: before.id, ...Object.fromEntries(changed.map(key => [key, after[key]])) });
    }
  }
  return batch;
}
