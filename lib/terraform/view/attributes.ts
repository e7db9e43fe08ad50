import type { Scrub } from '../../runner/scrub.ts';
import { cut, plural, visible } from '../text.ts';
import { type Difference, type Side, valueDifferences } from './diff.ts';
import { type Content, jsonOf, type Line, lineDifferences, lines, yamlOf } from './inner.ts';
import { isContainer, isShortList } from './values.ts';

/** How much of one resource is shown. */
export interface Limits {
  attributes: number;
  /** Of a text in one line. */
  characters: number;
  /** Of a text in several. */
  lines: number;
}

export interface Style {
  scrub: Scrub;
  limits: Limits;
}

interface Options {
  /** Which attributes that are known after an apply are only listed: a line for each would bury the rest. */
  fold?: (difference: Difference) => boolean;
  indent?: number;
  /** Texts without quotes where they can be told apart without, as YAML writes them. */
  bare?: boolean;
}

/** Names are padded to the longest, up to this. */
const widest = 40;

/**
 * The lines of a diff that show attributes: one for each, or a line with its name and the difference of its text below.
 * Each line begins with a sign that GitHub colours (`+`, `-`, `!`, `#`), or with a blank.
 */
export function attributeLines(
  differences: readonly Difference[],
  style: Style,
  { fold = () => false, indent = 3, bare = false }: Options = {},
): string[] {
  const { scrub, limits } = style;
  const name = ({ path }: Difference) => cut(visible(scrub(path || 'everything')), 200);
  const listed = differences.filter(fold);
  // What forces a replacement is what a reader looks for.
  const rest = differences.filter(each => !fold(each));
  const shown = [
    ...rest.filter(each => each.forcesReplacement),
    ...rest.filter(each => !each.forcesReplacement),
  ]
    .slice(0, limits.attributes)
    .map(each => ({ ...each, name: name(each), value: difference(each, style, indent, bare) }));
  const padded = shown.reduce(
    (most, { name, value }) =>
      typeof value === 'string' ? Math.max(most, Math.min(name.length, widest)) : most,
    0,
  );
  const blank = ' '.repeat(indent);
  const found = shown.flatMap(({ name, value, forcesReplacement, ...sides }) => {
    const forces = forcesReplacement ? '  # forces the replacement' : '';
    return typeof value === 'string'
      ? [`${mark(sides)}${blank}${name.padEnd(padded)} = ${value}${forces}`]
      : [
          `${mark(sides)}${blank}${name}:${value.format ? ` (${value.format})` : ''}${forces}`,
          ...value.lines,
        ];
  });
  if (rest.length > shown.length)
    found.push(`#${blank}… and ${plural(rest.length - shown.length, 'more attribute')}`);
  if (listed.length > 0)
    found.push(`#${blank}known after apply: ${cut(listed.map(name).join(', '), limits.characters)}`);
  return found;
}

type Sides = Pick<Difference, 'before' | 'after'>;

const mark = ({ before, after }: Sides): string =>
  before.kind === 'absent' ? '+' : after.kind === 'absent' ? '-' : '!';

/** What stands behind the name of an attribute, or below it. */
type Value = string | { format?: string; lines: string[] };

function difference({ before, after }: Sides, style: Style, indent: number, bare: boolean): Value {
  const show = (side: Side) => shown(side, style, bare);
  if (before.kind === 'absent') return textBelow(after, '+', style, indent) ?? show(after);
  if (after.kind === 'absent') return textBelow(before, '-', style, indent) ?? show(before);
  if (before.kind === 'sensitive' && after.kind === 'sensitive') return '(sensitive, another one)';
  if (before.kind === 'value' && after.kind === 'value') {
    const [old, now] = [before.value, after.value];
    if (typeof old === 'string' && typeof now === 'string')
      return textDifference(style.scrub(old), style.scrub(now), style, indent, bare);
  }
  return `${show(before)} → ${show(after)}`;
}

/** A text of one side that is better shown below its name: one of several lines, or JSON. */
function textBelow(side: Side, sign: '+' | '-', style: Style, indent: number): Value | undefined {
  if (side.kind !== 'value' || typeof side.value !== 'string') return undefined;
  const text = style.scrub(side.value);
  const json = text.length > 40 ? jsonOf(text) : undefined;
  if (json) {
    const [before, after] = sign === '+' ? [undefined, json.value] : [json.value, undefined];
    return contentBelow(json, before, after, style, indent);
  }
  if (!text.trim().includes('\n')) return undefined;
  return {
    lines: shortened(
      lines(text).map(line => ({ mark: sign, text: line })),
      style.limits,
      indent,
    ),
  };
}

/** Two texts, scrubbed already, that differed before they were. */
function textDifference(old: string, now: string, style: Style, indent: number, bare: boolean): Value {
  const { limits } = style;
  if (old === now) return `${quoted(old, limits.characters, bare)} (what is sensitive in it differs)`;
  for (const read of [jsonOf, yamlOf]) {
    const [before, after] = [read(old), read(now)];
    if (!before || !after) continue;
    const value = contentBelow(after, before.value, after.value, style, indent);
    if (value.lines.length > 0) return value;
    if (after.format === 'JSON') return '(the same JSON, written differently)';
  }
  if (old.trim().includes('\n') || now.trim().includes('\n'))
    return { lines: shortened(lineDifferences(old, now), limits, indent) };
  if (old.length + now.length <= 100) return `${quoted(old, 100, bare)} → ${quoted(now, 100, bare)}`;
  const from = beforeDifference(old, now);
  const line = (sign: string, text: string) =>
    `${sign}${' '.repeat(indent + 2)}${quoted(from > 0 ? `…${text.slice(from)}` : text, limits.characters, false)}`;
  return { lines: [line('-', old), line('+', now)] };
}

/** Where to begin with long texts that begin alike, so that what differs is seen. */
function beforeDifference(old: string, now: string): number {
  let same = 0;
  while (same < old.length && old[same] === now[same]) same++;
  const from = same - 30;
  if (from < 30) return 0;
  return /[\uDC00-\uDFFF]/.test(old[from] ?? '') ? from - 1 : from;
}

const contentBelow = (
  { format }: Content,
  before: unknown,
  after: unknown,
  style: Style,
  indent: number,
) => ({
  format,
  lines: attributeLines(valueDifferences(before, after), style, {
    indent: indent + 2,
    bare: format === 'YAML',
  }),
});

/** Lines, and of many that are alike only the first. */
function shortened(all: readonly Line[], limits: Limits, indent: number): string[] {
  const found: string[] = [];
  const blank = ' '.repeat(indent + 2);
  const runs = all.filter((line, at) => line.mark !== all[at - 1]?.mark).length;
  const most = Math.ceil(limits.lines / Math.min(2, runs));
  for (let at = 0; at < all.length; ) {
    const sign = all[at]?.mark ?? '#';
    let end = at;
    while (all[end]?.mark === sign) end++;
    if (found.length >= limits.lines) {
      found.push(`#${blank}… and ${plural(all.length - at, 'more line')}`);
      break;
    }
    const kept = end - at > most ? most - 1 : end - at;
    for (const { mark, text } of all.slice(at, at + kept))
      found.push(`${mark}${blank}${cut(visible(text), limits.characters)}`);
    if (kept < end - at) found.push(`${sign}${blank}… ${end - at - kept} more lines`);
    at = end;
  }
  return found;
}

function shown(side: Side, style: Style, bare: boolean): string {
  switch (side.kind) {
    case 'unknown':
      return '(known after apply)';
    case 'sensitive':
      return '(sensitive)';
    case 'absent':
      return '(none)';
    case 'value':
      return literal(side.value, style, bare);
  }
}

function literal(value: unknown, style: Style, bare: boolean): string {
  if (isShortList(value)) return `[${value.map(each => literal(each, style, bare)).join(', ')}]`;
  // What has parts is shown by them, except for what nobody knows the parts of any more.
  if (Array.isArray(value)) return value.length > 0 ? '[…]' : '[]';
  if (isContainer(value)) return Object.keys(value).length > 0 ? '{…}' : '{}';
  if (typeof value === 'string') return quoted(style.scrub(value), style.limits.characters, bare);
  const text = style.scrub(String(value));
  return shortOf(text, text.length, style.limits.characters);
}

function quoted(text: string, length: number, bare: boolean): string {
  if (bare && /^[\w./:@+-]+$/.test(text)) return cut(text, length);
  return shortOf(visible(JSON.stringify(text)), text.length, length);
}

const shortOf = (all: string, characters: number, length: number): string =>
  all.length > length ? `${cut(all, length)} (${plural(characters, 'character')})` : all;
