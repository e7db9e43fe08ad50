import { type Change, type Decision, left } from './decision.ts';

/** Of how many names this share may go without a question, and how many at most. */
const limits = { few: 10, share: 0.3, most: 100 };

/** Why names may not go at once. */
export interface Caution {
  reason: string;
  /** It looks as if the wrong cluster, or none, had been read: then nothing else is to be done either. */
  stops: boolean;
}

/**
 * What speaks against deleting all that is claimed no longer.
 * @param names the zone, those that are ours in it, that are claimed in it, and whether any is claimed in any zone
 */
export function guard(
  names: { zone: string; owned: ReadonlySet<string>; wished: ReadonlySet<string>; anywhere: boolean },
  decisions: readonly Decision[],
): Caution | undefined {
  const { zone, owned, wished, anywhere } = names;
  // Names that vanish, not operations: an A that becomes a CNAME is no deletion.
  const vanishing = decisions.filter(({ kind, name }) => kind === 'change' && !wished.has(name)).length;
  if (vanishing === 0) return undefined;
  const withheld = (reason: string): Caution => ({ reason: `${reason}: ${anyway}`, stops: false });
  const anyway = 'see that the cluster is the right one, then run it again with allow-deletes';
  const some = `${vanishing} of ${count(owned.size, 'name')} of ours in ${zone}`;
  const all = owned.size === 1 ? `our only name in ${zone}` : `all ${owned.size} names of ours in ${zone}`;
  const isAll = vanishing === owned.size;
  if (!anywhere) {
    const reason = `The cluster has no host at all, and ${isAll ? all : some} would go: ${anyway}`;
    return { reason, stops: true };
  }
  if (vanishing > 1 && isAll) return withheld(`All ${owned.size} names of ours in ${zone} would go`);
  if (owned.size >= limits.few && vanishing > owned.size * limits.share)
    return withheld(`${some} would go, which is more than ${limits.share * 100} %`);
  if (vanishing > limits.most)
    return withheld(`${some} would go, which is more than ${limits.most} in one run`);
  return undefined;
}

/**
 * Takes out of a plan the names for which the zone has no room, the last first, so that it is told before anything is
 * written. What frees room comes first when it is applied.
 * @param present how many records the zone has, everybody's
 * @param quota how many it may have
 */
export function withinQuota(decisions: readonly Decision[], present: number, quota: number): Decision[] {
  let room = quota - present;
  for (const each of decisions) if (each.kind === 'change') room -= Math.min(0, growth(each));
  return decisions.map((each): Decision => {
    if (each.kind !== 'change' || growth(each) <= 0) return each;
    if (growth(each) <= room) {
      room -= growth(each);
      return each;
    }
    const reason = `the zone has no room for it: it holds ${present} of the ${quota} records that its plan at Cloudflare allows; delete some, or raise the plan`;
    return left(each, 'conflict', reason);
  });
}

/** By how many records the zone grows. */
export function growth({ operations }: Pick<Change, 'operations'>): number {
  let sum = 0;
  for (const { kind } of operations) sum += kind === 'create' ? 1 : kind === 'delete' ? -1 : 0;
  return sum;
}

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
