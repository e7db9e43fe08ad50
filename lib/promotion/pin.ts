import { isMap, isSeq } from 'yaml';
import { type Location, UserError, UserErrors } from '../runner/errors.ts';
import { findSlot } from './editor/slot.ts';
import { type Path, readSource, type Source } from './editor/source.ts';
import { parseReference, type Reference } from './reference.ts';

/** Where a service stands in an environment: one Argo CD Application. */
export interface Pin {
  service: string;
  file: string;
  bytes: Uint8Array;
  /** Which document of the file is the Application. */
  document: number;
  revision: Value;
  images: Image[];
}

interface Value {
  text: string;
  path: Path;
  at: Location;
}

/** One entry of `spec.source.kustomize.images`: `[NAME=]REPOSITORY[:TAG][@DIGEST]`. */
export interface Image extends Value {
  /** The image that it stands for in the service's manifests. */
  name: string;
  /** `NAME=` as it stands in front, or nothing. */
  prefix: string;
  reference: Reference;
}

const revisionPath = ['spec', 'source', 'targetRevision'];
const imagesPath = ['spec', 'source', 'kustomize', 'images'];

/** The folder whose files are the pins of an environment. */
export const pinFolder = (environment: string): string => `manifests/environments/${environment}`;

export const pinPath = (environment: string, service: string): string =>
  `${pinFolder(environment)}/${service}.yaml`;

/** @throws UserError or UserErrors, with the line, for a file that is no pin */
export function readPin(service: string, file: string, bytes: Uint8Array): Pin {
  const source = readSource(file, bytes);
  const document = application(source);
  const { text, at } = findSlot(source, document, revisionPath);
  const revision = { text, at, path: revisionPath };
  return { service, file, bytes, document, revision, images: images(source, document) };
}

function application({ documents, file, at }: Source): number {
  const found = documents.flatMap((document, index) =>
    isMap(document.contents) && document.get('kind') === 'Application' ? [index] : [],
  );
  const [first, second] = found;
  if (first === undefined) {
    throw new UserError("There is no Application in this file: a pin is one of Argo CD's", { file });
  }
  if (second === undefined) return first;
  throw new UserError(
    'This is the second Application in this file: a pin is a file of its own',
    at(documents[second]?.contents?.range?.[0] ?? 0),
  );
}

function images(source: Source, document: number): Image[] {
  const node = source.documents[document]?.getIn(imagesPath, true);
  if (node === undefined || node === null) return [];
  if (!isSeq(node)) {
    throw new UserError(`${imagesPath.join('.')} is not a list: write one entry an image`, {
      file: source.file,
    });
  }
  const errors: UserError[] = [];
  const found = node.items.flatMap((_, index): Image[] => {
    const path = [...imagesPath, index];
    const { text, at } = findSlot(source, document, path);
    const [, prefix = '', rest = ''] = /^([^=]*=)?(.*)$/.exec(text) ?? [];
    const reference = parseReference(rest);
    if (!reference) {
      errors.push(new UserError(`"${text}" is no image: write [NAME=]REPOSITORY:TAG or @sha256:…`, at));
      return [];
    }
    return [{ text, at, path, prefix, reference, name: prefix.slice(0, -1) || reference.repository }];
  });
  const twice = found.filter(({ name }, index) => found.findIndex(other => other.name === name) < index);
  errors.push(
    ...twice.map(
      ({ name, at }) => new UserError(`"${name}" has an entry already: delete one of the two`, at),
    ),
  );
  if (errors.length > 0) throw new UserErrors(errors);
  return found;
}
