import { createHmac, createSecretKey } from 'node:crypto';
import { canonical, meaning, type Unknown, unknownOf, type Value } from './meaning.ts';
import type { ChangeFile, Plan, ResourceChange } from './model.ts';
import { derive } from './seal.ts';

/** A change as it is kept: address, what happens to it, the digest of its meaning, what of it was not known. */
export type Kept = [key: string, what: string, digest: string, unknown?: Unknown];

/** One thing that a plan does something about. */
export interface Part {
  /** Its address, or `output NAME`. */
  key: string;
  /** Completes "is to be": `created`, `imported and updated`… */
  what: string;
  change: ChangeFile;
  resource?: ResourceChange;
}

/** A keyed digest of a text: a value that could be guessed cannot be tried out on it without the key. */
export type Mac = (text: string) => string;

/** RFC 2104 wants at least half of the digest. */
export const digestLength = 16;

export function authenticator(key: string): Mac {
  // Node makes such an object of a key for every digest, which takes longer than the digest.
  const secret = createSecretKey(derive(key, 'review', 'digest'));
  return text =>
    createHmac('sha256', secret).update(text).digest().subarray(0, digestLength).toString('base64url');
}

const words = {
  create: 'created',
  update: 'updated',
  replace: 'replaced',
  destroy: 'destroyed',
  forget: 'forgotten',
};

/** What is only read is left out: that changes nothing. */
export function* parts({ changes, outputs, file }: Plan): Generator<Part> {
  for (const resource of changes) {
    const { address, action, deposed, importing, movedFrom, change } = resource;
    if (action === 'read') continue;
    const what = [
      importing && 'imported',
      movedFrom !== undefined && 'moved',
      action !== 'no-op' && words[action],
    ].filter(Boolean);
    const key = deposed === undefined ? address : `${address} (deposed ${deposed})`;
    yield { key, what: what.join(' and '), change, resource };
  }
  for (const { name, action, change } of outputs)
    if (action !== 'read') yield { key: `output ${name}`, what: words[action], change };
  for (const {
    address,
    lifecycle_action_trigger: by,
    config_values,
    config_unknown,
    config_sensitive,
  } of file.action_invocations ?? []) {
    // One event of one resource may invoke the same action from several places of its configuration.
    const trigger =
      by &&
      ` (${by.action_trigger_event} of ${by.triggering_resource_address}, action_trigger ${by.action_trigger_block_index}, action ${by.actions_list_index})`;
    const change = {
      actions: [],
      after: config_values,
      after_unknown: config_unknown,
      after_sensitive: config_sensitive,
    };
    yield { key: `${address}${trigger ?? ''}`, what: 'invoked', change };
  }
}

/** All of a plan, in an order that does not depend on how it was written. */
export const keptOf = (plan: Plan, mac: Mac): Kept[] =>
  [...parts(plan)]
    .map((part): Kept => {
      const unknown = unknownOf(part.change.after_unknown);
      const kept = [part.key, part.what, digestOf(part, mac)] as const;
      return unknown === undefined ? [...kept] : [...kept, unknown];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));

/** @param shownAs what was not known when the change was shown, to compare with what was kept of it then */
export function digestOf({ what, change, resource }: Part, mac: Mac, shownAs?: Unknown): string {
  const { id, identity } = (change.importing ?? {}) as { id?: Value; identity?: Value };
  const { createFirst, keepsOld, movedFrom } = resource ?? {};
  const about = [createFirst, keepsOld, movedFrom, id, identity].map(each => each ?? null);
  return mac(`${what} ${canonical(about)} ${meaning(change, resource?.action === 'update', shownAs)}`);
}

export const digestOfAll = (kept: readonly Kept[], mac: Mac): string =>
  mac(canonical(kept.map(([key, what, digest]) => [key, what, digest])));

/**
 * What a creation that failed half-way has left is replaced by its next try, or brought to what it was to be, which is the
 * same creation.
 */
export function asCreation(part: Part): Part | undefined {
  const { resource, change, what } = part;
  const isNextTry = resource?.action === 'replace' && resource.reason === 'replace_because_tainted';
  if (!isNextTry && what !== words.update) return undefined;
  return {
    ...part,
    what: words.create,
    change: { ...change, before: null, before_sensitive: false },
    ...(resource && { resource: { ...resource, action: 'create', createFirst: false, keepsOld: false } }),
  };
}
