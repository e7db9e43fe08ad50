import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { UserError } from '../runner/errors.ts';
import {
  asCreation,
  authenticator,
  digestLength,
  digestOf,
  digestOfAll,
  type Kept,
  keptOf,
  type Mac,
  type Part,
  parts,
} from './digests.ts';
import type { Plan } from './model.ts';
import { seal, unseal } from './seal.ts';
import { plural } from './text.ts';

/** What a plan is made for and with: when one of these is another, the same plan may mean something else. */
export interface Binding {
  environment: string;
  /** Where the state is. */
  backend: string;
  /** The identity of the state; `none` where there is no state yet. */
  lineage: string;
  terraformVersion: string;
  /** SHA-256 of the lock file of the providers, or `none`. */
  lockFile: string;
}

export type Comparison =
  | { outcome: 'same' }
  /** Nothing but what was shown, and not all of it: these have nothing left to do. */
  | { outcome: 'fewer'; done: string[] }
  /** Without a full stop. */
  | { outcome: 'different'; differences: string[] }
  | { outcome: 'unreadable'; reason: string };

interface Shown {
  binding: Binding;
  counts: Record<string, number>;
  /** Of all changes together. */
  digest: string;
  /** Left out when they would not fit. */
  changes?: Kept[];
}

const version = 1;
/** GitHub takes 65,536 characters a comment, and the plan itself wants most of them. */
const limit = 16 * 1024;

/**
 * What a comment keeps of a plan, so that an apply can tell whether it would do the same: base64url of at most 16 KiB. It
 * holds digests and no values, can neither be read nor changed without the key, and is the same for the same plan.
 * @throws UserError for a key that could be guessed
 */
export function reviewOf(plan: Plan, binding: Binding, key: string): string {
  refuseWeak(key);
  const mac = authenticator(key);
  const changes = keptOf(plan, mac);
  const shown: Shown = { binding, counts: counted(changes), digest: digestOfAll(changes, mac) };
  // Digests cannot be compressed: with more than these there is no need to try.
  if (changes.length * digestLength < limit) {
    const text = written({ ...shown, changes }, key);
    if (text.length <= limit) return text;
  }
  return written(shown, key);
}

/**
 * Whether a plan does what was shown. A value that was not known then may have become known. When the changes did not fit
 * into the comment, the plan must be exactly the same, and differences are told by their counts.
 * @param data what `reviewOf` made of the plan that was shown
 */
export function compareReview(data: string, plan: Plan, binding: Binding, key: string): Comparison {
  refuseWeak(key);
  const shown = read(data, key);
  if ('reason' in shown) return { outcome: 'unreadable', ...shown };
  const mac = authenticator(key);
  const changes = keptOf(plan, mac);
  const differences = bindingDifferences(shown.binding, binding);
  if (digestOfAll(changes, mac) === shown.digest)
    return differences.length > 0 ? { outcome: 'different', differences } : { outcome: 'same' };
  if (!shown.changes)
    return {
      outcome: 'different',
      differences: [...differences, ...countDifferences(shown.counts, counted(changes))],
    };

  const before = new Map(shown.changes.map(change => [change[0], change]));
  for (const part of parts(plan)) differences.push(...partDifferences(part, before.get(part.key), mac));
  const now = new Set(changes.map(([key]) => key));
  const done = shown.changes.filter(([key]) => !now.has(key));
  if (differences.length > 0) {
    const missing = done.map(([key, what]) => `${key}: was to be ${what}, would now stay as it is`);
    return { outcome: 'different', differences: [...differences, ...missing] };
  }
  return done.length > 0 ? { outcome: 'fewer', done: done.map(([key]) => key) } : { outcome: 'same' };
}

function partDifferences(part: Part, shown: Kept | undefined, mac: Mac): string[] {
  if (!shown) return [`${part.key}: was to stay as it is, would now be ${part.what}`];
  const [key, what, digest, unknown] = shown;
  const creation = asCreation(part);
  const same = creation?.what === what ? creation : part;
  if (same.what !== what) return [`${key}: was to be ${what}, would now be ${part.what}`];
  if (digestOf(same, mac, unknown) === digest) return [];
  return [`${key}: its change differs from the one that was shown`];
}

const names: Record<keyof Binding, string> = {
  environment: 'the environment',
  backend: 'the place of the state',
  lineage: 'the lineage of the state',
  terraformVersion: "Terraform's version",
  lockFile: 'the lock file of the providers',
};

function bindingDifferences(shown: Binding, now: Binding): string[] {
  return (Object.keys(names) as (keyof Binding)[]).flatMap(name => {
    const [was, is] = [shown[name], now[name]];
    // A first apply makes the state, and when it failed half-way, the next one goes on from there.
    if (was === is || (name === 'lineage' && was === 'none')) return [];
    if (name === 'lineage' && is === 'none')
      return [`the state is gone: everything that it knew of would be made a second time`];
    return [`${names[name]} was ${was}, and is now ${is}`];
  });
}

function countDifferences(shown: Record<string, number>, now: Record<string, number>): string[] {
  const all = [...new Set([...Object.keys(shown), ...Object.keys(now)])];
  const differing = all.filter(what => shown[what] !== now[what]);
  if (differing.length > 0)
    return differing.map(what => `${shown[what] ?? 0} were to be ${what}, it would now be ${now[what] ?? 0}`);
  const total = Object.values(shown).reduce((sum, count) => sum + count, 0);
  return [
    `of ${plural(total, 'change')} at least one differs from what was shown: they were too many to keep each`,
  ];
}

function counted(changes: readonly Kept[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [, what] of changes) counts[what] = (counts[what] ?? 0) + 1;
  return counts;
}

/** Its first byte tells the version, which may change what follows. */
function written(shown: Shown, key: string): string {
  const text = deflateRawSync(JSON.stringify(shown), { level: 9 });
  const sealed = seal(key, 'review', `version ${version}`, text);
  return Buffer.concat([Buffer.of(version), sealed]).toString('base64url');
}

function read(data: string, key: string): Shown | { reason: string } {
  const bytes = Buffer.from(data, 'base64url');
  if (bytes[0] !== version) return { reason: 'it was written by another version of this action' };
  const text = unseal(key, 'review', `version ${version}`, bytes.subarray(1));
  if (!text) return { reason: 'it was changed by somebody, or made with another review-key' };
  return JSON.parse(String(inflateRawSync(text))) as Shown;
}

/**
 * Whoever can read the comment can try out keys on it.
 * @throws UserError for a key that could be guessed
 */
export function refuseWeak(key: string): void {
  if (key.length >= 32) return;
  throw new UserError(
    `The review-key has ${key.length} characters and could be guessed: make one with "openssl rand -base64 32", and give the same to plan and apply`,
  );
}
