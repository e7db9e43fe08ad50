import type { PlatformFile, Tags } from '../../platform/platform.ts';
import { short } from '../plan.ts';
import { commitOf, hasOrder, objection, relation } from '../policy/policy.ts';
import type { Candidate } from './candidate.ts';
import { type Gate, passed, waits } from './gate.ts';

type Services = PlatformFile['services'];

/** The version is one that the service's tags admit. */
export const tags = (services: Services): Gate => ({
  name: 'tags',
  judge({ service, own, after: { revision } }) {
    const policy = services[service]?.tags;
    if (!policy) return undefined;
    if (own.length === 0) {
      const why = objection(policy, { revision });
      return why === undefined ? undefined : waits(`its pin has no entry for its own image, so ${why}`);
    }
    // What stands there already is not judged again when only the revision moves.
    const moving = own.filter(({ before, after }) => before !== after);
    if (moving.length === 0) return undefined;
    const [why] = moving.flatMap(({ after: { tag } }) => objection(policy, { tag, revision }) ?? []);
    return why === undefined ? passed('admitted by its tags') : waits(why);
  },
});

/** The version is not older than what is there, unless that is asked for. */
export const downgrade = (services: Services, isAsked: boolean): Gate => ({
  name: 'downgrade',
  judge(candidate, { ancestry }) {
    const policy = policyOf(services, candidate);
    const [before, after] = [versionOf(candidate.before), versionOf(candidate.after)];
    const between = ancestryOf(candidate, services);
    const known = between && ancestry?.get(between.key);
    // Of several entries of its own, one that goes back is enough.
    const others = candidate.own.map(each =>
      relation(policy, { ...before, tag: each.before.tag }, { ...after, tag: each.after.tag }, known),
    );
    const found = others.find(each => each === 'older') ?? relation(policy, before, after, known);
    if (found === 'unordered' || (found !== 'older' && !hasOrder(policy))) return undefined;
    const there = before.tag === undefined || before.tag === after.tag ? short(before.revision) : before.tag;
    if (found === 'newer' || found === 'same')
      return passed(`${found === 'newer' ? 'newer than' : 'as new as'} ${there}`);
    const why = found === 'older' ? `it is older than ${there}` : found.unknown;
    if (isAsked) return { outcome: 'bypassed', why: `${why}; downgrade was asked for` };
    return waits(`${why}: give the input downgrade if that is what you want`);
  },
});

/** Two commits of a service's repository whose order must be asked of GitHub. */
export interface Commits {
  key: string;
  from: string;
  to: string;
  /** The order was chosen: that it is not known holds. Else only what is known to go back does. */
  isChosen: boolean;
}

/** Undefined where their order is known by another way. */
export function ancestryOf(candidate: Candidate, services: Services): Commits | undefined {
  const policy = policyOf(services, candidate);
  const isChosen = policy.newest === 'commits';
  const [before, after] = [versionOf(candidate.before), versionOf(candidate.after)];
  if (!isChosen && (hasOrder(policy) || relation(policy, before, after) !== 'unordered')) return undefined;
  const [from, to] = isChosen
    ? [commitOf(policy, before), commitOf(policy, after)]
    : [before.revision, after.revision];
  if (!isChosen && from === to) return undefined;
  return { key: `${candidate.service} ${from}...${to}`, from, to, isChosen };
}

const policyOf = (services: Services, { service }: Candidate): Tags => services[service]?.tags ?? {};

const versionOf = ({ image, revision }: Candidate['before']) => ({ tag: image?.tag, revision });
