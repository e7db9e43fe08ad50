import type { Static, TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { type KubeObject, title } from '../../kubectl/kubectl.ts';
import { type Annotated, annotated } from '../annotations.ts';
import { merged, noted, unread, type Wishes } from '../claims.ts';
import type { Whereto } from '../target.ts';

/** What all sources are handed besides the objects. */
export interface Surroundings {
  /** Where a host leads whose object does not say it: to the load balancer in front of the ingress controller. */
  fallback: Whereto;
  /** Whether the objects have been read from files, and so have no status. */
  fromFiles: boolean;
}

/** A kind of object that names hosts. */
export interface Source {
  /** The objects that claim names: `Ingress`. */
  kind: string;
  /** What has to be listed, in full: `ingresses.networking.k8s.io`. */
  resources: readonly string[];
  wishes(objects: Objects, surroundings: Surroundings): Wishes;
}

/** All objects of a group and kind, in whatever version. */
export type Objects = (group: string, kind: string) => readonly KubeObject[];

export const objectsOf = (all: readonly KubeObject[]): Objects => {
  const key = (group: string, kind: string) => `${group}/${kind}`;
  const sorted = Map.groupBy(all, ({ apiVersion, kind }) => {
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
    return key(group ?? '', kind);
  });
  return (group, kind) => sorted.get(key(group, kind)) ?? [];
};

export interface Read<T> {
  source: string;
  object: KubeObject & T;
  annotations: Annotated;
}

/**
 * Reads each object that is not to be left alone, and adds what its annotations gave rise to. An object that does not have
 * the shape is kept in mind with all its text.
 */
export function each<T extends TSchema>(
  objects: readonly KubeObject[],
  shape: T,
  wishes: (read: Read<Static<T>>) => Wishes,
): Wishes {
  return merged(
    objects.map(object => {
      const source = title(object);
      const annotations = annotated(object.metadata);
      if (annotations.left !== undefined) return noted(source, annotations.left);
      if (!Check(shape, object)) {
        const [error] = Errors(shape, object);
        const reason = `its ${error?.instancePath.slice(1).replaceAll('/', '.')} ${error?.message}`;
        return unread(source, JSON.stringify([object.spec, object.metadata.annotations]), reason);
      }
      const found = wishes({ source, object: object as KubeObject & Static<T>, annotations });
      return merged([found, mistaken(source, annotations, found), noted(source, ...annotations.notes)]);
    }),
  );
}

/** An object that nothing waits for, because of a slip of the pen, keeps what it had all the same. */
const mistaken = (source: string, { mistakes }: Annotated, { claims, unreadable }: Wishes): Wishes =>
  mistakes.length > 0 && claims.length + unreadable.length === 0
    ? unread(source, '', mistakes.join('; '))
    : noted(source);
