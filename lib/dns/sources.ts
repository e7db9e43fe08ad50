import type { KubeObject } from '../kubectl/kubectl.ts';
import { closest } from '../platform/closest.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import { merged, type Wishes } from './claims.ts';
import { words } from './host.ts';
import { httproute } from './sources/httproute.ts';
import { ingress } from './sources/ingress.ts';
import { service } from './sources/service.ts';
import { objectsOf, type Surroundings } from './sources/source.ts';
import { ingressroute, ingressroutetcp } from './sources/traefik.ts';

export const sources = { ingress, ingressroute, ingressroutetcp, httproute, service };

export type SourceName = keyof typeof sources;

/** The kinds of objects that claim names by these sources. */
export const kindsOf = (names: readonly SourceName[]): ReadonlySet<string> =>
  new Set(names.map(name => sources[name].kind));

const known = Object.keys(sources) as SourceName[];

/** @throws UserErrors for every word that is no source */
export function parseSources(text: string): SourceName[] {
  const names = [...new Set(words(text.toLowerCase()))];
  const strangers = names.filter(name => !known.includes(name as SourceName));
  if (strangers.length > 0) {
    throw new UserErrors(
      strangers.map(name => {
        const hint = closest(name, known);
        const cure = hint ? `did you mean "${hint}"?` : `it must be one of ${known.join(', ')}`;
        return new UserError(`There is no source "${name}" to take hosts from: ${cure}`);
      }),
    );
  }
  if (names.length === 0)
    throw new UserError(`There is no source to take hosts from: name one or more of ${known.join(', ')}`);
  return names as SourceName[];
}

/** What the objects of a cluster want. Objects of other kinds may be among them. */
export function wishes(
  names: readonly SourceName[],
  objects: readonly KubeObject[],
  surroundings: Surroundings,
): Wishes {
  const sorted = objectsOf(objects);
  return merged(names.map(name => sources[name].wishes(sorted, surroundings)));
}
