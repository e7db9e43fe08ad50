import { isDeepStrictEqual } from 'node:util';
import { isSeq, type Node, Scalar } from 'yaml';
import { attempt, type Location, UserError } from '../../runner/errors.ts';
import { type Hunk, hunks } from '../editor/hunks.ts';
import { writeScalar } from '../editor/plain.ts';
import { lineEnd, lineStart, readSource, type Source } from '../editor/source.ts';
import { apply, type Splice } from '../editor/splice.ts';
import { type HeldFile, type Hold, listOf, readHeld } from './file.ts';

/** What a run does to the holds of an environment. */
export interface HoldChange {
  add: readonly Hold[];
  drop: (hold: Hold) => boolean;
}

/** The same hold, whoever has written it and why. */
export const sameHold = (one: Hold, other: Hold): boolean => isDeepStrictEqual(what(one), what(other));

const what = ({ kind, service, revision, images }: Hold) => [kind, service, revision, images];

/**
 * The file with entries more or less, and every other byte as it is; read again to prove that.
 * @returns undefined when it says all of it already
 * @throws UserError, with the line, when somebody has written it so that it cannot be changed safely
 */
export function changeHeld(
  environment: string,
  held: HeldFile,
  { add, drop }: HoldChange,
  services: readonly string[],
): { held: HeldFile; hunks: Hunk[] } | undefined {
  const fresh = add.filter(hold => !held.holds.some(each => sameHold(each, hold)));
  if (fresh.length === 0 && !held.holds.some(drop)) return undefined;
  const source = readSource(held.file, held.bytes);
  const items = listOf(source);
  const removed = items.flatMap((item, index) =>
    drop(held.holds[index] as Hold) ? [withoutEntry(source, item)] : [],
  );
  const splices = [...removed, ...(fresh.length > 0 ? [appended(environment, source, items, fresh)] : [])];
  const bytes = Buffer.from(source.mark + apply(source.text, splices));
  // What is wrong with it would be told at lines that its reader does not have.
  const { result: changed } = attempt(() => readHeld(held.file, bytes, services));
  const wanted = [...held.holds.filter(each => !drop(each)), ...fresh].map(plain);
  if (changed && isDeepStrictEqual(changed.holds.map(plain), wanted))
    return { held: changed, hunks: hunks(source, splices) };
  throw new UserError(
    'This file cannot be changed without changing more than is asked for: nothing was written; change it by hand',
    { file: held.file },
  );
}

const plain = ({ place: _, ...hold }: Hold & { place?: Location }): Hold => hold;

const header = (
  environment: string,
): string => `# What no promotion brings to ${environment}. The way out of an entry: delete it, or
#   npm run slipway -- promote ${environment} --release SERVICE    for rejected versions
#   npm run slipway -- promote ${environment} --resume SERVICE     for a paused service
`;

/** Whole lines, from the dash to the last value; comments above it stay. */
function withoutEntry(source: Source, item: Node): Splice {
  const { text } = source;
  const [start, valueEnd] = item.range ?? [0, 0, 0];
  const from = lineStart(text, start);
  const end = lineEnd(text, Math.max(start, text.slice(0, valueEnd).trimEnd().length));
  const isBlock = /^ *- +$/.test(text.slice(from, start));
  const newline = /^\r?\n/.exec(text.slice(end))?.[0].length ?? 0;
  if (isBlock) return { start: from, end: end + newline, text: '' };
  throw new UserError('This entry cannot be taken out safely: delete it by hand', source.at(start));
}

function appended(
  environment: string,
  source: Source,
  items: readonly Node[],
  holds: readonly Hold[],
): Splice {
  const { text } = source;
  const list = source.documents[0]?.contents;
  const [start, end] = list?.range ?? [0, 0];
  if (list && items.length === 0 && start < end) {
    throw new UserError(
      `"${text.slice(start, end)}" says that nothing is held: delete it, so that an entry can be added`,
      source.at(start),
    );
  }
  if (isSeq(list) && list.flow) {
    throw new UserError(
      'This list is written in brackets: write it with a dash an entry, so that one can be added',
      source.at(list.range?.[0] ?? 0),
    );
  }
  const newline = /\r?\n/.exec(text)?.[0] ?? '\n';
  const first = items[0]?.range?.[0] ?? 0;
  const indent = items.length > 0 ? (/^ */.exec(text.slice(lineStart(text, first)))?.[0] ?? '') : '';
  const at = source.at(text.length);
  const lines = holds.flatMap(hold =>
    written(hold, at).map((line, index) => indent + (index === 0 ? '- ' : '  ') + line),
  );
  const before = text === '' ? header(environment) : text.endsWith('\n') ? '' : newline;
  return { start: text.length, end: text.length, text: before + lines.map(line => line + newline).join('') };
}

function written({ kind, service, images, ...rest }: Hold, at: Location): string[] {
  const scalar = (value: string) => writeScalar(value, Scalar.PLAIN, at);
  const line = (key: 'revision' | 'by' | 'at' | 'reason' | 'run') =>
    rest[key] === undefined ? [] : [`${key}: ${scalar(rest[key])}`];
  return [
    `${kind}: ${scalar(service)}`,
    ...line('revision'),
    ...(images ? [`images: [${images.map(scalar).join(', ')}]`] : []),
    ...(['by', 'at', 'reason', 'run'] as const).flatMap(line),
  ];
}
