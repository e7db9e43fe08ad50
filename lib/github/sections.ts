import { cutMarkdown } from './cut.ts';
import { inert, lines, mark } from './marks.ts';

/** One part of the comment, written by one job. */
export interface Section {
  text: string;
  /** Counts the writings of this section: of two, the higher is the later. */
  revision: number;
  /** The commit that it was made for. One without a commit is of any. */
  commit?: string;
  /** What nobody sees: base64url, or several of these with points between, the most needed first. */
  data?: string;
  /** How long the text was before it was cut, so that every writer gives it the same share of the room. */
  length?: number;
}

export type Sections = ReadonlyMap<string, Section>;

/** What a comment of ours begins with. */
export const marker = '<!-- slipway -->';

// GitHub refuses more characters than these. https://docs.github.com/en/rest/issues/comments
const limit = 65_536;

/** A section whose key is longer is none of ours. */
export const longestKey = 200;

export const isData = (text: string): boolean => /^[\w-]+(\.[\w-]+)*$/.test(text);

export const isOurs = (body: string): boolean => body.startsWith(marker);

/**
 * Reads the sections out of a comment. What stands outside of them is lost with the next writing, as is a section whose
 * marks somebody has damaged; damaged data is as if there were none.
 */
export function parse(comment: string): Sections {
  const body = lines(comment);
  const sections = new Map<string, Section>();
  let open: { head: Head; from: number; to?: number; data?: string } | undefined;
  for (const { 0: whole, 1: kind, 2: value = '', index } of body.matchAll(
    // A value ends before the next mark at the latest: else each that is not closed would be sought to the end of the line.
    /<!-- slipway:(section|data|end)(?: ((?:(?!<!-- slipway).)*?))? -->/g,
  )) {
    if (kind === 'section') {
      const head = parseHead(value);
      open = head && { head, from: index + whole.length };
    } else if (open && kind === 'data') {
      open.to ??= index;
      if (isData(value)) open.data = value;
    } else if (open && kind === 'end') {
      const { head, from, to = index, data } = open;
      const { key, ...rest } = head;
      sections.set(key, { ...rest, text: inert(body.slice(from, to)), ...(data && { data }) });
      open = undefined;
    }
  }
  return sections;
}

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 1e9;

type Head = { key: string } & Pick<Section, 'revision' | 'commit' | 'length'>;

function parseHead(json: string): Head | undefined {
  try {
    const { key, revision, commit, length } = JSON.parse(json) as Partial<Head>;
    if (typeof key !== 'string' || key.length > longestKey || typeof revision !== 'number') return undefined;
    if (commit !== undefined && !(typeof commit === 'string' && /^\w{1,64}$/.test(commit))) return undefined;
    return {
      key,
      // Somebody may have edited it to a number behind which no other can come.
      revision: isCount(revision) ? revision : 0,
      ...(commit !== undefined && { commit }),
      ...(isCount(length) && { length }),
    };
  } catch {
    return undefined;
  }
}

/**
 * Of each section the latest, whichever comment or former state of it that is from.
 * @param head the commit that the pull request is at: what was made for it holds against what was made for another
 */
export function merge(all: readonly Sections[], head?: string): Sections {
  const merged = new Map<string, Section>();
  for (const sections of all) {
    for (const [key, section] of sections) {
      const other = merged.get(key);
      if (!other || isLater(section, other, head)) merged.set(key, section);
    }
  }
  return merged;
}

// A job that is late must not undo what a newer commit's has written. Of two that wrote at once any will do, as long as
// everybody chooses the same; the longer one, because that may be the same before it was cut.
function isLater(one: Section, other: Section, head: string | undefined): boolean {
  const rank = ({ text, revision, commit, data = '' }: Section) =>
    [Number(isOf(commit, head)), revision, text.length, data.length, text, data] as const;
  const others = rank(other);
  for (const [index, mine] of rank(one).entries()) {
    const theirs = others[index] as typeof mine;
    if (mine !== theirs) return mine > theirs;
  }
  return false;
}

const isOf = (commit: string | undefined, head: string | undefined) =>
  commit === undefined || head === undefined || commit === head;

/** The next revision of a section, or the present one when it says the same already. */
export function revise(
  sections: Sections,
  key: string,
  wish: Pick<Section, 'commit' | 'data'> & { body: string },
): Section {
  const { body, ...rest } = wish;
  const text = inert(body);
  const present = sections.get(key);
  const same = present && says(present, text) && present.commit === rest.commit && keeps(present, rest.data);
  return { ...rest, text, revision: same ? present.revision : (present?.revision ?? 0) + 1 };
}

const says = (present: Section, text: string): boolean =>
  present.length === undefined
    ? present.text === text
    : present.length === text.length && present.text === cutMarkdown(text, present.text.length, left);

/** As much of the data as there was room for. */
const keeps = ({ data }: Section, wanted: string | undefined): boolean =>
  data === wanted || (data !== undefined && wanted?.startsWith(`${data}.`) === true);

const left = '_The rest does not fit into one comment: it is in the summary of the run._';
// Below this a text says nothing: then hidden data makes room, the last part of the longest first.
const leastText = 1000;

// No team has as many; before data has to make room for more, somebody has put them in.
const mostSections = 200;
// Enough for the note that stands in the place of what was cut.
const shortest = 100;

type Part = { key: string } & Section;

/**
 * The whole comment, sections in the order of their keys. What was made for another commit than `head` says so. If all
 * would not fit, the long texts are cut to equal length.
 * @param own the section that stays whatever others there are: people can put in hundreds by hand
 */
export function render(sections: Sections, head?: string, own?: string): string {
  const fixed = (all: readonly Part[]) =>
    compose(
      all.map(part => ({ ...part, text: '', length: Math.max(limit, wish(part)) })),
      head,
    ).length;
  const withTexts = (all: readonly Part[], most: number) =>
    all.reduce((sum, part) => sum + Math.min(wish(part), most), fixed(all));

  let parts = [...sections].map(([key, section]): Part => ({ key, ...section })).sort(byKey);
  while (parts.length > mostSections) parts = withoutLeast(parts, own);
  while (withTexts(parts, leastText) > limit) {
    const [longest] = parts.toSorted((a, b) => (b.data?.length ?? 0) - (a.data?.length ?? 0));
    if (!longest?.data) break;
    longest.data = longest.data.split('.').slice(0, -1).join('.');
  }
  while (parts.length > 1 && withTexts(parts, shortest) > limit) parts = withoutLeast(parts, own);
  const wanted = parts.map(wish);
  const share = equalShare(wanted, limit - fixed(parts));
  return compose(
    parts.map((part, index) => {
      const length = wanted[index] ?? 0;
      return length <= share ? part : { ...part, length, text: fitted(part.text, share) };
    }),
    head,
  );
}

/** What says least goes first, for everybody the same. */
function withoutLeast(parts: readonly Part[], own: string | undefined): Part[] {
  const [least] = parts.filter(({ key }) => key !== own).sort((a, b) => wish(a) - wish(b) || byKey(a, b));
  return parts.filter(part => part !== least);
}

const byKey = (a: Part, b: Part): number => (a.key < b.key ? -1 : 1);

// What is cut already wants its whole length; one that somebody has made longer, what it has.
const wish = ({ text, length = 0 }: Section): number => Math.max(length, text.length);

const fitted = (text: string, share: number) =>
  text.length <= share ? text : cutMarkdown(text, share, left);

/** The largest length to which all can be cut so that they fit into the room together. */
function equalShare(lengths: readonly number[], room: number): number {
  let rest = room;
  const sorted = lengths.toSorted((a, b) => a - b);
  for (const [index, length] of sorted.entries()) {
    const share = Math.floor(rest / (sorted.length - index));
    if (length > share) return share;
    rest -= length;
  }
  return room;
}

const compose = (parts: readonly Part[], head: string | undefined): string =>
  [marker, ...parts.map(part => outdated(part, head) + wrap(part))].join('\n\n');

// In front of the section and not in it, so that it goes when the section is read and written again.
const outdated = ({ commit }: Section, head: string | undefined): string =>
  isOf(commit, head)
    ? ''
    : `> [!NOTE]\n> What follows was made for commit ${commit?.slice(0, 7)}. The pull request is at ${head?.slice(0, 7)} by now.\n\n`;

const wrap = ({ key, revision, commit, length, text, data }: Part): string =>
  [
    mark('section', { key, revision, commit, length }),
    text,
    ...(data ? [`<!-- slipway:data ${data} -->`] : []),
    mark('end'),
  ].join('\n');
