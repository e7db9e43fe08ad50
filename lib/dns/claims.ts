import { shown } from '../runner/text.ts';
import { recordName } from './host.ts';
import type { Target } from './target.ts';

/** An object of the cluster that wants a name to lead somewhere. */
export interface Claim {
  /** In Punycode, lower case, without a dot at its end; may begin with `*.`. */
  name: string;
  /** The object: `IngressRoute shop/ui`. */
  source: string;
  /** None while it is not known where: then what is there stays. */
  targets: readonly Target[];
  /** Why there is no target yet, one clause. */
  pending?: string;
  /** Whoever wrote the object chose the targets, so that a record which leads there is no sign that it is theirs. */
  chosen?: boolean;
  /** The object has no status of its own just now, and leads where all such do: what was made from one before stays. */
  lapsed?: boolean;
  /** Seconds, 60 to 86,400, or 1 (automatic). */
  ttl?: number;
  /** Whether Cloudflare stands in front. */
  proxied?: boolean;
}

/** An object whose hosts cannot be told: it may claim any name that stands in its text. */
export interface Unreadable {
  source: string;
  text: string;
  reason: string;
}

/** What the objects of a cluster want, of whatever zone. */
export interface Wishes {
  claims: Claim[];
  unreadable: Unreadable[];
  /** What a person should know of objects from which no record is made. */
  notes: string[];
  /** What could not be looked into, and so may claim any name: while there is something, none is let go. */
  unseen?: string[];
  /** The folder that it has been read from, in place of a cluster: it may hold a part only. */
  folder?: string;
}

/** What of the wishes a person reads as it is. */
export type Remarks = Pick<Wishes, 'notes' | 'unseen'>;

/** Where the hosts of an object lead, and how. */
export type Terms = Pick<Claim, 'targets' | 'pending' | 'chosen' | 'lapsed' | 'ttl' | 'proxied'>;

export const noHost = 'it has no host, so there is no name for a record';

/** A reason or a note as it is kept: many strangers may have added to it, and it is repeated for each name. */
export const told = (text: string): string => shown(text, 600);

export const noted = (source: string, ...notes: string[]): Wishes => ({
  claims: [],
  unreadable: [],
  notes: notes.map(note => told(`${source}: ${note}`)),
});

export const unread = (source: string, text: string, reason: string): Wishes => ({
  claims: [],
  unreadable: [{ source, text, reason: told(reason) }],
  notes: [],
});

/**
 * One claim a name.
 * @param hosts as they are written
 * @param text what they were read from, if that is more
 */
export function claimed(source: string, hosts: Iterable<string>, terms: Terms, text?: string): Wishes {
  return merged(
    [...new Set(hosts)].map(host => {
      const name = recordName(host);
      if (name === undefined) return unread(source, text ?? host, `"${shown(host)}" is not a host name`);
      return { claims: [{ name, source, ...terms }], unreadable: [], notes: [] };
    }),
  );
}

/** All of them, each claim and each note once. */
export function merged(all: readonly Wishes[]): Wishes {
  const claims = new Map(
    all.flatMap(wishes => wishes.claims).map(claim => [`${claim.name} ${claim.source}`, claim]),
  );
  return {
    claims: [...claims.values()],
    unreadable: all.flatMap(({ unreadable }) => unreadable),
    notes: [...new Set(all.flatMap(({ notes }) => notes))],
  };
}
