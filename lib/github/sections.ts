/** One part of the comment, written by one job. */
export interface Section {
  text: string;
  /** Counts the writings of this section: of two, the higher is the later. */
  revision: number;
}

export type Sections = ReadonlyMap<string, Section>;

/** What a comment of ours begins with. */
export const marker = '<!-- slipway -->';

// GitHub refuses more characters than these. https://docs.github.com/en/rest/issues/comments
const limit = 65_536;

const pattern = /<!-- slipway:section (.+?) (\d+) -->\n([\s\S]*?)\n<!-- slipway:end -->/g;

/** A browser sends CRLF when somebody edits the comment there. */
const lines = (body: string) => body.replaceAll('\r\n', '\n');

export const isOurs = (body: string): boolean => body.startsWith(marker);

/** Reads the sections out of a comment; what else stands there is lost with the next writing. */
export const parse = (body: string): Sections =>
  new Map(
    [...lines(body).matchAll(pattern)].map(([, key = '', revision, text = '']) => [
      key,
      { text, revision: Number(revision) },
    ]),
  );

/** Of each section the latest, whichever comment or former state of it that is from. */
export function merge(all: readonly Sections[]): Sections {
  const merged = new Map<string, Section>();
  for (const sections of all) {
    for (const [key, section] of sections) {
      const other = merged.get(key);
      if (!other || isLater(section, other)) merged.set(key, section);
    }
  }
  return merged;
}

// Two jobs that wrote the same section at once: any choice will do, as long as everybody makes the same.
const isLater = (one: Section, other: Section): boolean =>
  one.revision > other.revision || (one.revision === other.revision && one.text > other.text);

/** The next revision of a section, or the present one when it says the same already. */
export function revise(sections: Sections, key: string, body: string): Section {
  const text = inert(body);
  const present = sections.get(key);
  return present?.text === text ? present : { text, revision: (present?.revision ?? 0) + 1 };
}

/** Nothing in a section may look like the end of one. */
const inert = (text: string) => lines(text).trim().replaceAll('<!-- slipway', '<!-- slipway\u200b');

/** The whole comment, sections in the order of their keys; the longest are cut to their heads if it would not fit. */
export function render(sections: Sections): string {
  const parts = new Map([...sections].sort(([a], [b]) => (a < b ? -1 : 1)));
  const body = () => [marker, ...[...parts].map(([key, section]) => wrap(key, section))].join('\n\n');
  const byLength = [...parts].sort(([, a], [, b]) => b.text.length - a.text.length);
  for (const [key, section] of byLength) {
    if (body().length <= limit) break;
    parts.set(key, { ...section, text: head(section.text) });
  }
  return body();
}

const wrap = (key: string, { text, revision }: Section) =>
  `<!-- slipway:section ${key} ${revision} -->\n${text}\n<!-- slipway:end -->`;

/** What stands before the first thing that folds or is fenced: a cut in there would leave it open. */
function head(text: string): string {
  const fold = text.search(/^(<details|```|~~~)/m);
  const shown = (fold < 0 ? text : text.slice(0, fold)).slice(0, 2000).trim();
  return `${shown}\n\n_The rest does not fit into one comment: it is in the summary of the run._`;
}
