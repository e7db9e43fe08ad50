import type { Batch, BatchOutcome, Rejection } from '../cloudflare/cloudflare.ts';
import { patched } from './difference.ts';
import { growth } from './guard.ts';
import type { Change } from './plan.ts';

export interface Failure {
  name: string;
  reason: string;
}

export interface Applied {
  failures: Failure[];
  /** A failure says that the zone is no longer as it was listed: list and plan again. */
  stale: boolean;
  /** Why it is not known whether the last batch was applied; nothing was sent after it. List and plan again. */
  lost?: string;
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
  const applied: Applied = { failures: [], stale: false };
  let full = false;
  /** How many names in a row were refused alike since anything was taken. */
  const row = { reason: '', length: 0 };
  // Faults of single names stand between others that are taken; what all are refused for is no fault of theirs.
  const enough = 2 * Math.ceil(Math.log2(changes.length + 1));

  async function attempt(group: readonly Change[]): Promise<void> {
    if (applied.lost !== undefined) return;
    // Once one name has found no room, every other that needs some would be refused, one by one.
    const fitting = full ? group.filter(change => growth(change) <= 0) : group;
    for (const { name } of group.filter(change => !fitting.includes(change))) {
      applied.failures.push({ name, reason: 'the zone has no room for more records' });
    }
    if (fitting.length === 0) return;
    if (row.length >= enough && !full) {
      const reason = `${row.reason}; not tried, as ${row.length} others in a row were refused for this`;
      applied.failures.push(...fitting.map(({ name }) => ({ name, reason })));
      return;
    }
    const outcome = await send(batchOf(fitting));
    if (outcome.kind === 'applied') row.length = 0;
    else if (outcome.kind === 'lost') applied.lost = outcome.reason;
    else if (outcome.kind === 'rejected') await narrow(fitting, outcome.errors);
  }

  async function narrow(group: readonly Change[], errors: readonly Rejection[]): Promise<void> {
    if (group.length > 1) {
      const middle = Math.ceil(group.length / 2);
      await attempt(group.slice(0, middle));
      await attempt(group.slice(middle));
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
  for (const group of packed(ordered, limit)) await attempt(group);
  return applied;
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

function batchOf(group: readonly Change[]): Batch {
  const batch: Batch = { deletes: [], patches: [], posts: [] };
  for (const operation of group.flatMap(({ operations }) => operations)) {
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
