import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { closest } from '../../platform/closest.ts';
import { forAll, type Location, UserError, UserErrors } from '../../runner/errors.ts';
import { readSource, type Source } from '../editor/source.ts';
import { pinFolder } from '../pin.ts';
import { parseReference } from '../reference.ts';

/** A version that no promotion brings back, or a service that no promotion moves. */
export interface Hold {
  kind: 'rejected' | 'paused';
  service: string;
  /** Of a rejected version: what was left. At least one of the two. */
  revision?: string;
  images?: string[];
  by?: string;
  at?: string;
  reason?: string;
  run?: string;
}

/** An environment's file of holds; without bytes where there is none yet. */
export interface HeldFile {
  file: string;
  bytes: Uint8Array;
  holds: (Hold & { place: Location })[];
}

export const heldPath = (environment: string): string => `${pinFolder(environment)}/held.yaml`;

const kinds = ['rejected', 'paused'] as const;
const notes = ['by', 'at', 'reason', 'run'] as const;
const keys = [...kinds, 'revision', 'images', ...notes];

/**
 * Reads `held.yaml`, which people write too: a list, an entry a hold.
 * @param services those of platform.yaml: a hold with a slip in its name would hold nothing
 * @throws UserErrors with line and column for everything that is wrong with it
 */
export function readHeld(file: string, bytes: Uint8Array, services: readonly string[]): HeldFile {
  const source = readSource(file, bytes);
  const items = listOf(source);
  return { file, bytes, holds: forAll(items, item => readHold(source, item, services)) };
}

/** The entries as they stand in the file; a file of comments alone has none. */
export function listOf(source: Source): Node[] {
  const [document, second] = source.documents;
  if (second) {
    throw new UserError(
      'This is a second document: write all entries in one list',
      source.at(offset(second.contents)),
    );
  }
  const contents = document?.contents ?? null;
  if (contents === null || (isScalar(contents) && contents.value === null)) return [];
  if (isSeq(contents)) return contents.items as Node[];
  throw new UserError(
    'This is no list: write an entry as "- rejected: SERVICE" or "- paused: SERVICE"',
    source.at(offset(contents)),
  );
}

const offset = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0;

function readHold(source: Source, item: Node, services: readonly string[]): HeldFile['holds'][number] {
  const place = source.at(offset(item));
  if (!isMap(item)) {
    throw new UserError('This is no entry: write "- rejected: SERVICE" or "- paused: SERVICE"', place);
  }
  const errors: UserError[] = [];
  const wrong = (message: string, at: Location = place) => void errors.push(new UserError(message, at));
  const pairs = item.items as Pair[];
  const values = new Map(pairs.map(pair => [nameOf(pair), pair.value]));
  for (const pair of pairs) {
    const name = nameOf(pair);
    if (keys.includes(name)) continue;
    const hint = closest(name, keys);
    wrong(
      `Unknown key "${name}": ${hint ? `did you mean "${hint}"?` : `it must be one of ${keys.join(', ')}`}`,
      source.at(offset(pair.key)),
    );
  }
  const text = (key: string): string | undefined => {
    const value = values.get(key);
    if (value === undefined) return undefined;
    const found = textOf(value);
    if (found === undefined) wrong(`${key} is no text: write one on one line`, source.at(offset(value)));
    return found;
  };
  const present = kinds.filter(kind => values.has(kind));
  const [kind = 'paused'] = present;
  if (present.length !== 1)
    wrong('An entry is either "rejected: SERVICE" or "paused: SERVICE": write one of the two');
  const service = present.length === 1 ? text(kind) : undefined;
  if (service !== undefined && !services.includes(service)) {
    const hint = closest(service, services);
    wrong(
      `There is no service "${service}" in platform.yaml: ${hint ? `did you mean "${hint}"?` : 'delete this entry'}`,
      source.at(offset(values.get(kind))),
    );
  }
  const revision = text('revision');
  const images = values.has('images') ? imagesOf(source, values.get('images'), errors) : undefined;
  if (kind === 'rejected' && present.length === 1 && revision === undefined && images === undefined) {
    wrong('It does not say which version: write revision, images or both, or "paused" instead of "rejected"');
  }
  if (kind === 'paused' && (revision !== undefined || images !== undefined)) {
    wrong('A paused service is held at every version: leave out revision and images, or write "rejected"');
  }
  const said = notes.flatMap(key => {
    const value = text(key);
    return value === undefined ? [] : [[key, value] as const];
  });
  if (errors.length > 0) throw new UserErrors(errors);
  return {
    ...{ kind, service: service ?? '', place },
    ...(revision !== undefined && { revision }),
    ...(images && { images }),
    ...Object.fromEntries(said),
  };
}

function imagesOf(source: Source, node: unknown, errors: UserError[]): string[] {
  const items = isSeq(node) ? node.items : [];
  if (items.length === 0) {
    errors.push(
      new UserError('images is no list of images: write [REPOSITORY:TAG]', source.at(offset(node))),
    );
  }
  return items.map(item => {
    const text = textOf(item) ?? '';
    const found = parseReference(text);
    if (!found?.tag && !found?.digest) {
      errors.push(
        new UserError(
          `"${text}" names no version of an image: write REPOSITORY:TAG, REPOSITORY@sha256:… or both`,
          source.at(offset(item)),
        ),
      );
    }
    return text;
  });
}

const nameOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : '');

/** `revision: 1.10` is meant as it is written. */
function textOf(node: unknown): string | undefined {
  if (!isScalar(node) || node.value === null || node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED')
    return undefined;
  return node.type === 'PLAIN' ? node.source : String(node.value);
}
