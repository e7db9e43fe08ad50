import type { PlatformFile } from '../../platform/platform.ts';
import { commitOf, objection, relation } from '../policy/policy.ts';
import type { Candidate } from './candidate.ts';
import { type Gate, held, passed } from './gate.ts';

type Services = PlatformFile['services'];

/** The version is one that the service's tags admit. */
export const tags = (services: Services): Gate => ({
  name: 'tags',
  judge({ service, before, after }) {
    const policy = services[service]?.tags;
    // What stands there already is not judged again when only the revision moves.
    if (!policy || before.image === after.image) return undefined;
    const why = objection(policy, versionOf(after));
    return why === undefined ? passed('admitted by its tags') : held(why);
  },
});

/** The version is not older than what is there, unless that is asked for. */
export const downgrade = (services: Services, isAsked: boolean): Gate => ({
  name: 'downgrade',
  judge(candidate, { ancestry }) {
    const policy = services[candidate.service]?.tags;
    if (!policy) return undefined;
    const [before, after] = [versionOf(candidate.before), versionOf(candidate.after)];
    const between = ancestryOf(candidate, services);
    const found = relation(policy, before, after, between && ancestry?.get(between.key));
    if (found === 'unordered') return undefined;
    const there = before.tag ?? before.revision;
    if (found === 'newer' || found === 'same')
      return passed(`${found === 'newer' ? 'newer than' : 'as new as'} ${there}`);
    const why = found === 'older' ? `it is older than ${there}` : found.unknown;
    if (isAsked) return { outcome: 'bypassed', why: `${why}; downgrade was asked for` };
    return held(`${why}: give the input downgrade if that is what you want`);
  },
});

/** The two commits whose order must be asked of GitHub; undefined where another order holds. */
export function ancestryOf(
  { service, before, after }: Candidate,
  services: Services,
): { key: string; from: string; to: string } | undefined {
  const policy = services[service]?.tags;
  if (policy?.newest !== 'commits') return undefined;
  const [from, to] = [commitOf(policy, versionOf(before)), commitOf(policy, versionOf(after))];
  return { key: `${service} ${from}...${to}`, from, to };
}

const versionOf = ({ image, revision }: Candidate['before']) => ({ tag: image?.tag, revision });
