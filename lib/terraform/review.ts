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
  /** Where it is shown: `acme/shop#7`. What one has shown is no word for another. */
  pullRequest: string;
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
  /** Nothing but what was shown, of which an apply has begun: these have nothing left to do. */
  | { outcome: 'fewer'; done: string[] }
  /** Without a full stop. */
  | { outcome: 'different'; differences: string[] }
  | { outcome: 'unreadable'; reason: string };

interface Head {
  binding: Binding;
  counts: Record<string, number>;
  /** Of all changes together. */
  digest: string;
  /** An apply of this has begun: what it has done is not planned again. */
  begun?: true;
}

interface Shown extends Head {
  /** Left out when they would not fit. */
  changes?: Kept[];
}

const version = 1;
/** GitHub takes 65,536 characters a comment, and the plan itself wants most of them. */
const limit = 16 * 1024;
/** For the mark of an apply that has begun. */
const spare = 64;

/**
 * What a comment keeps of a plan, so that an apply can tell whether it would do the same: base64url of at most 16 KiB,
 * first that of the whole, and after a point that of each change, which can be left out. It holds digests and no values,
 * can neither be read nor changed without the key, and is the same for the same plan.
 * @throws UserError for a key that could be guessed
 */
export function reviewOf(plan: Plan, binding: Binding, key: string): string {
  refuseWeak(key);
  const mac = authenticator(key);
  const changes = keptOf(plan, mac);
  const digest = digestOfAll(changes, mac);
  const head = written({ binding, counts: counted(changes), digest }, key);
  // Digests cannot be compressed: with more than these there is no need to try.
  if (changes.length * digestLength > limit) return head;
  const data = `${head}.${sealed(changes, key, ofChanges(digest)).toString('base64url')}`;
  return data.length <= limit - spare ? data : head;
}

/** The same, of a plan that is being applied: when that fails half-way, less than was shown is left to do. */
export function begun(data: string, key: string): string {
  const [head = '', ...changes] = data.split('.');
  const shown = readHead(head, key);
  return 'reason' in shown ? data : [written({ ...shown, begun: true }, key), ...changes].join('.');
}

/**
 * Whether a plan does what was shown. A value that was not known then may have become known. Once an apply of it has
 * begun, some of it may be done already. When the changes did not fit into the comment, the plan must be exactly the same,
 * and differences are told by their counts.
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

  const left = Map.groupBy(shown.changes, ([key]) => key);
  for (const part of parts(plan))
    differences.push(...partDifferences(part, left.get(part.key)?.shift(), shown, mac));
  const done = [...left.values()].flat();
  if (differences.length === 0 && done.length === 0) return { outcome: 'same' };
  if (differences.length === 0 && shown.begun) return { outcome: 'fewer', done: done.map(([key]) => key) };
  const missing = done.map(([key, what]) => `${key}: was to be ${what}, would now stay as it is`);
  return { outcome: 'different', differences: [...differences, ...missing] };
}

function partDifferences(part: Part, shown: Kept | undefined, { begun }: Head, mac: Mac): string[] {
  if (!shown) return [`${part.key}: was to stay as it is, would now be ${part.what}`];
  const [key, what, digest, unknown] = shown;
  const creation = begun && asCreation(part);
  const same = creation?.what === what ? creation : part;
  if (same.what !== what) return [`${key}: was to be ${what}, would now be ${part.what}`];
  if (digestOf(same, mac, unknown) === digest) return [];
  return [`${key}: its change differs from the one that was shown`];
}

const names: Record<keyof Binding, string> = {
  pullRequest: 'the pull request',
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
    `of ${plural(total, 'change')} at least one differs from what was shown: there was no room to keep each`,
  ];
}

function counted(changes: readonly Kept[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [, what] of changes) counts[what] = (counts[what] ?? 0) + 1;
  return counts;
}

/** Its first byte tells the version, which may change what follows. */
const written = (head: Head, key: string): string =>
  Buffer.concat([Buffer.of(version), sealed(head, key, ofHead)]).toString('base64url');

const ofHead = `version ${version}`;
/** Those of one plan cannot stand beside what is kept of another. */
const ofChanges = (digest: string): string => `version ${version}: ${digest}`;

const sealed = (value: Head | Kept[], key: string, context: string): Buffer =>
  seal(key, 'review', context, deflateRawSync(JSON.stringify(value), { level: 9 }));

function opened(bytes: Buffer, key: string, context: string): unknown {
  const text = unseal(key, 'review', context, bytes);
  return text && JSON.parse(String(inflateRawSync(text)));
}

type Unreadable = { reason: string };
const forged = { reason: 'it was changed by somebody, or made with another review-key' };

function readHead(head: string, key: string): Head | Unreadable {
  const bytes = Buffer.from(head, 'base64url');
  if (bytes[0] !== version) return { reason: 'it was written by another version of this action' };
  return (opened(bytes.subarray(1), key, ofHead) as Head | undefined) ?? forged;
}

function read(data: string, key: string): Shown | Unreadable {
  const [head = '', kept, ...more] = data.split('.');
  if (data.length > limit || more.length > 0) return forged;
  const shown = readHead(head, key);
  if ('reason' in shown || kept === undefined) return shown;
  const changes = opened(Buffer.from(kept, 'base64url'), key, ofChanges(shown.digest)) as Kept[] | undefined;
  return changes ? { ...shown, changes } : forged;
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
