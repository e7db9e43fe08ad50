import compare from 'semver/functions/compare.js';
import parse from 'semver/functions/parse.js';
import satisfies from 'semver/functions/satisfies.js';
import type { Ancestry } from '../../github/ancestry.ts';
import type { Tags } from '../../platform/platform.ts';

/** One version of a service, as far as a policy looks at it. */
export interface Version {
  tag?: string | undefined;
  /** The commit or tag of the service's repository. */
  revision: string;
}

/** Of two versions, what the second is to the first. Unordered: nobody can say, or the first is outside of the policy. */
export type Relation = 'newer' | 'same' | 'older' | 'unordered' | { unknown: string };

/** Why a service's tags do not admit a version; undefined when they do. */
export function objection(tags: Tags, { tag }: Version): string | undefined {
  const { semver, pattern, newest } = tags;
  if (semver === undefined && pattern === undefined) return undefined;
  if (tag === undefined) return `it has no tag, and its tags must be ${wanted(tags)}`;
  const key = keyOf(tags, tag);
  if (key === undefined) return `the tag "${tag}" does not match ${wanted({ pattern })}`;
  if (semver !== undefined) {
    const version = parse(key);
    if (!version) return `"${key}" is no semantic version, and its tags must be ${wanted({ semver })}`;
    if (satisfies(version, semver)) return undefined;
    const isEarly = version.prerelease.length > 0 && satisfies(version, semver, { includePrerelease: true });
    return isEarly
      ? `"${key}" is a pre-release, and the range ${semver} names none`
      : `"${key}" is outside of ${semver}`;
  }
  if (newest === 'numeric' && !/^\d+$/.test(key)) return `"${key}" of the tag "${tag}" is no number`;
  return undefined;
}

/** Whether the order of a service's versions was chosen. Where it was not, what is plainly older is older all the same. */
export const hasOrder = ({ semver, newest }: Tags): boolean => semver !== undefined || newest !== undefined;

/**
 * Whether one version is newer than another.
 * @param ancestry how the second's commit lies to the first's, where that was asked
 */
export function relation(tags: Tags, from: Version, to: Version, ancestry?: Ancestry): Relation {
  if (tags.newest === 'commits') return byCommits(ancestry);
  if (!hasOrder(tags)) return byThemselves(tags, from, to, ancestry);
  if (objection(tags, from) !== undefined) return 'unordered';
  const [before, after] = [from, to].map(({ tag }) => tag && keyOf(tags, tag));
  if (before === undefined || after === undefined) return 'unordered';
  return named(tags.semver === undefined ? byBuild(tags, before, after) : bySemver(before, after));
}

/** By the tags where both are semantic versions, else by such revisions, else by commits as far as they are known. */
function byThemselves(tags: Tags, from: Version, to: Version, ancestry: Ancestry | undefined): Relation {
  if (from.tag === to.tag && from.revision === to.revision) return 'same';
  const key = ({ tag }: Version) => (tag === undefined ? undefined : keyOf(tags, tag));
  for (const [before, after] of [[key(from), key(to)] as const, [from.revision, to.revision] as const]) {
    if (before === undefined || after === undefined || before === after) continue;
    const found = named(bySemver(before, after));
    if (found !== 'unordered') return found;
  }
  return ancestry === 'ahead' ? 'newer' : ancestry === 'behind' ? 'older' : 'unordered';
}

const named = (sign: number | undefined): Relation => {
  if (sign === undefined) return 'unordered';
  return sign > 0 ? 'newer' : sign < 0 ? 'older' : 'same';
};

/** The commit or tag by which ancestry is asked: the group of the pattern, or the revision. */
export function commitOf(tags: Tags, { tag, revision }: Version): string {
  const hasGroup = tags.pattern !== undefined && tag !== undefined && keyOf(tags, tag) !== tag;
  return (hasGroup && keyOf(tags, tag)) || revision;
}

function byCommits(ancestry: Ancestry | undefined): Relation {
  switch (ancestry) {
    case 'ahead':
      return 'newer';
    case 'behind':
      return 'older';
    case 'identical':
      return 'same';
    case 'diverged':
      return { unknown: 'neither commit comes after the other' };
    default:
      return { unknown: "GitHub knows not both commits in the service's repository" };
  }
}

const bySemver = (before: string, after: string): number | undefined =>
  parse(before) && parse(after) ? compare(after, before) : undefined;

function byBuild({ newest }: Tags, before: string, after: string): number | undefined {
  if (newest === 'alphabetical') return after > before ? 1 : after < before ? -1 : 0;
  if (!/^\d+$/.test(before) || !/^\d+$/.test(after)) return undefined;
  const step = BigInt(after) - BigInt(before); // a build's number may be a time in nanoseconds
  return step > 0n ? 1 : step < 0n ? -1 : 0;
}

/** What of a tag is looked at: the pattern's first group, or all of it; undefined for a tag that does not match. */
function keyOf({ pattern }: Tags, tag: string): string | undefined {
  if (pattern === undefined) return tag;
  const found = new RegExp(`^(?:${pattern})$`).exec(tag);
  return found ? (found[1] ?? tag) : undefined;
}

const wanted = ({ semver, pattern }: { semver?: string | undefined; pattern?: string | undefined }): string =>
  [semver && `within ${semver}`, pattern && `/${pattern}/`].filter(Boolean).join(' and ');
