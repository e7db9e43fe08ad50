import { cutMarkdown } from './cut.ts';
import { inert, lines, mark } from './marks.ts';

/** What is looked at for drift, in the order in which an issue tells it. */
export const partNames = ['Terraform', 'Cluster', 'DNS'] as const;
export type PartName = (typeof partNames)[number];

/** What the issue says of one of these. */
export interface Part {
  /** `unseen`: nobody has seen it since the issue was opened, or opened again. */
  state: 'drifted' | 'clean' | 'unseen';
  /** What has drifted; where nothing has any more, what had; of what is unseen, what was accepted before. */
  text: string;
  /** Where and when it was found: not part of what it says. */
  seen: string;
  /** The run that has found it. A terminal has none. */
  run?: string;
}

/** Each written by a look of its own. One that nobody has looked at since the issue was opened is not there. */
export type Parts = ReadonlyMap<PartName, Part>;

/** Our parts of an issue's body, and what people have written around them. */
export interface IssueBody {
  before: string;
  parts: Parts;
  after: string;
}

// GitHub refuses longer bodies. Each part has its own room, so that none is cut because another has grown, and people's words
// have what is left.
const limit = 65_536;
/** How long the text of a part may be, in UTF-16 units. */
export const longestText = 18_000;

/**
 * A text as it will stand in the issue.
 * @param advice what stands beneath it, also where it is cut
 */
export const fitted = (text: string, advice = ''): string => {
  const clean = inert(text).trim();
  const ending = advice && `\n\n${advice}`;
  const room = longestText - ending.length;
  return (clean.length <= room ? clean : cutMarkdown(clean, room, '_The rest is in the run._')) + ending;
};

/**
 * Reads what is ours out of an issue's body; undefined where nothing is. A part whose marks somebody has damaged is as if
 * nobody had looked yet.
 */
export function parseBody(key: string, body: string): IssueBody | undefined {
  const whole = lines(body);
  const [begin, end] = [mark('issue', key), mark('end')];
  const from = whole.indexOf(begin);
  const to = whole.indexOf(end, from);
  if (from < 0 || to < 0) return undefined;
  return {
    before: whole.slice(0, from),
    parts: parseParts(whole.slice(from + begin.length, to)),
    after: whole.slice(to + end.length),
  };
}

function parseParts(ours: string): Parts {
  // A value ends before the next mark at the latest: else each that is not closed would be sought to the end of the line.
  const heads = [...ours.matchAll(/<!-- slipway:part ((?:(?!<!-- slipway).)*?) -->/g)];
  const found = heads.flatMap(({ 0: whole, 1: json = '', index }, at) => {
    const inside = ours.slice(index + whole.length, heads[at + 1]?.index);
    const head = parseHead(json);
    const [, text, , seen] = inside.split(inner);
    return head && text !== undefined && seen !== undefined
      ? [[head.name, { ...head.rest, text: text.trim(), seen: seen.trim() }] as const]
      : [];
  });
  return inOrder(new Map(found));
}
const inner = /<!-- slipway:(?:text|rest|seen) -->/;

function parseHead(json: string): { name: PartName; rest: Pick<Part, 'state' | 'run'> } | undefined {
  try {
    const { name, state, run } = JSON.parse(json) as Record<string, unknown>;
    if (!partNames.some(each => each === name) || !['drifted', 'clean', 'unseen'].includes(state as string))
      return undefined;
    return {
      name: name as PartName,
      rest: { state: state as Part['state'], ...(typeof run === 'string' && { run }) },
    };
  } catch {
    return undefined;
  }
}

export const inOrder = (parts: Parts): Parts =>
  new Map(
    partNames.flatMap(name => {
      const part = parts.get(name);
      return part ? [[name, part] as const] : [];
    }),
  );

/** The whole body. Where people have written more than fits, theirs goes. */
export function renderBody(key: string, { before, parts, after }: IssueBody): string {
  const sections = [...inOrder(parts)].map(([name, part]) => section(name, part));
  const ours = [mark('issue', key), '', headline(parts), '', ...sections, mark('end')].join('\n');
  const whole = before + ours + after;
  return whole.length <= limit ? whole : ours;
}

function headline(parts: Parts): string {
  const all = [...inOrder(parts)];
  const drifted = all.filter(([, { state }]) => state === 'drifted').map(([name]) => name);
  if (drifted.length > 0)
    return `**Drifted: ${drifted.join(', ')}.** This closes itself when nothing has drifted any more. Close it as "not planned" to hear no more of exactly this.`;
  return isOver(parts)
    ? '**Nothing has drifted any more.**'
    : '**No drift is known any more.** This closes itself when one run has found none in any part below.';
}

/**
 * Nothing has drifted, and one run has seen that of all parts that are told: what another run saw is of another time, and so may
 * be what was seen in terminals, which are no run.
 */
export function isOver(parts: Parts): boolean {
  const all = [...parts.values()];
  const [first] = all;
  return (
    all.every(({ state, run }) => state === 'clean' && run === first?.run) &&
    (first?.run !== undefined || all.length === 1)
  );
}

function section(name: PartName, { state, text, seen, run }: Part): string {
  const shown = fitted(text);
  const [before, after] = around(state, shown);
  const head = [mark('part', { name, state, run }), `## ${name}`, '', ...before];
  return [...head, mark('text'), shown, mark('rest'), ...after, mark('seen'), '', inert(seen), ''].join('\n');
}

/** What stands around a part's text. */
function around(state: Part['state'], text: string): [before: string[], after: string[]] {
  if (state === 'drifted') return [[], []];
  const said = state === 'unseen' ? 'It has not been seen since this was opened.' : 'Nothing has drifted.';
  if (text === '') return [[said, ''], []];
  const title = state === 'unseen' ? 'What was closed as "not planned"' : 'What it was';
  return [
    [said, '', `<details><summary>${title}</summary>`, ''],
    ['', '</details>'],
  ];
}
