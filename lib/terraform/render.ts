import { type Scrub, scrubber } from '../runner/scrub.ts';
import { isFailed } from './checks.ts';
import type { Plan } from './model.ts';
import { code, cut, longestRun, plural, size, visible } from './text.ts';
import { alarm } from './view/alarm.ts';
import type { Limits } from './view/attributes.ts';
import type { Block } from './view/blocks.ts';
import { type Section, sections } from './view/sections.ts';

export interface View {
  plan: Plan;
  /** The environment: what the summary begins with. */
  name: string;
  /** Values that must not be seen, in any encoding. */
  secrets: Iterable<string>;
  /** What Terraform warned of while planning. */
  warnings?: readonly string[];
}

type Words = Record<Exclude<keyof Plan['counts'], 'read'>, string>;

/**
 * Everything about a plan in one line: `staging: 2 to create, 0 to update, 0 to replace, 1 to destroy, 1 changed output`.
 */
export const summaryLine = (view: View): string =>
  line(
    view,
    {
      create: 'to create',
      update: 'to update',
      replace: 'to replace',
      destroy: 'to destroy',
      import: 'to import',
      move: 'to move',
      forget: 'to forget',
    },
    news(view),
  );

/** `staging: 2 created, 0 updated, 0 replaced, 1 destroyed` */
export const doneLine = (view: View): string =>
  line(view, {
    create: 'created',
    update: 'updated',
    replace: 'replaced',
    destroy: 'destroyed',
    import: 'imported',
    move: 'moved',
    forget: 'forgotten',
  });

/** Once anything happens to a resource, these are said even when they are zero: nothing destroyed is news. */
const alwaysSaid = new Set(['create', 'update', 'replace', 'destroy']);

function line({ plan: { counts, outputs }, name }: View, words: Words, more: string[] = []): string {
  const all = Object.entries(words).map(([key, word]) => ({ key, word, count: counts[key as keyof Words] }));
  const some = all.some(({ count }) => count > 0);
  const parts = all
    .filter(({ key, count }) => count > 0 || (some && alwaysSaid.has(key)))
    .map(({ count, word }) => `${count} ${word}`);
  if (outputs.length > 0) parts.push(plural(outputs.length, 'changed output'));
  return `${name}: ${[...(parts.length > 0 ? parts : ['no changes']), ...more].join(', ')}`;
}

/** What a reader should know beside what is to be done. */
const news = ({ plan: { checks, deferred, drift, errored, file }, warnings = [] }: View): string[] => [
  ...(drift.length > 0 ? [`${drift.length} changed outside of Terraform`] : []),
  ...(deferred.length > 0 ? [`${deferred.length} deferred`] : []),
  // Of a plan with -target, say.
  ...(file.complete === false && deferred.length === 0 && !errored ? ['another plan needed afterwards'] : []),
  ...(checks.some(isFailed) ? [plural(checks.filter(isFailed).length, 'failed check')] : []),
  ...(warnings.length > 0 ? [plural(warnings.length, 'warning')] : []),
  ...(errored ? ['and then an error'] : []),
];

const whole: Limits = {
  attributes: Number.POSITIVE_INFINITY,
  characters: 4_000,
  lines: Number.POSITIVE_INFINITY,
};
const brief: Limits = { attributes: 60, characters: 200, lines: 40 };

/** The plan for a terminal or a log, whole; the summary comes last, where it is seen. */
export function renderText(view: View): string {
  const style = { scrub: scrubber(view.secrets), limits: whole };
  const found: string[] = [];
  for (const { title, blocks } of sections(view.plan, view.warnings ?? [], style, true)) {
    found.push(title);
    for (const block of blocks()) for (const line of shown(block)) found.push(line);
    if (found.at(-1) !== '') found.push('');
  }
  const { headline, items } = alarm(view.plan, style.scrub, text => text);
  if (headline) found.push(`${headline}:`, ...items.map(item => `- ${item}`), '');
  return [...found, summaryLine(view)].join('\n');
}

/**
 * The plan as Markdown of at most `limit` bytes, whole and valid whatever the plan: it is cut between resources, destroys
 * and replacements come first, and the summary counts everything.
 * @param more where the rest can be read; a link in Markdown
 */
export function renderMarkdown(view: View, limit: number, more?: string): string {
  const style = { scrub: scrubber(view.secrets), limits: brief };
  const head = [
    `### ${summaryLine({ ...view, name: inHeading(view.name) })}`,
    ...error(view.plan),
    ...caution(view.plan, style.scrub, limit / 4),
  ].join('\n\n');
  const all = sections(view.plan, view.warnings ?? [], style, false);
  const rest = (left: readonly { title: string; count: number }[]) =>
    left.length === 0
      ? ''
      : `\n\n… and ${left.map(({ title, count }) => `${count} more under “${title}”`).join(', ')}${more ? `: ${more}` : ''}`;

  let room = limit - size(head) - size(rest(all));
  const folds = new Map<Section, Fold>();
  // What has a small share first, so that no number of changes leaves it out.
  for (const section of all.toSorted((a, b) => a.share - b.share)) {
    const fold = filled(section, Math.min(room, limit * section.share));
    if (fold.count > 0) room -= size(fold.text);
    folds.set(section, fold);
  }
  const left = all.map(section => ({
    title: section.title,
    count: section.count - (folds.get(section)?.count ?? 0),
  }));
  return (
    head + all.map(section => folds.get(section)?.text).join('') + rest(left.filter(({ count }) => count > 0))
  );
}

/** An environment's name may be anybody's text. */
const inHeading = (name: string): string => (/^[\w-]+$/.test(name) ? name : code(cut(visible(name), 100)));

interface Fold {
  text: string;
  /** How many blocks are in it. */
  count: number;
}

/** As many blocks of a section as there is room for, in a fence that nothing in them can close. */
function filled({ title, amount, language, openUpTo, blocks }: Section, most: number): Fold {
  const frame = (body: string, ticks: string, count = '') =>
    `\n\n<details${lineCount(body) <= openUpTo ? ' open' : ''}><summary>${title}${count}</summary>\n\n${ticks}${language}\n${body}${ticks}\n\n</details>`;
  let room = most - size(frame('', '```', ` (the first ${amount} of ${amount})`));
  const taken: string[] = [];
  let ticks = '```';
  let isWhole = true;
  for (const block of blocks()) {
    const fitting = [block, { ...block, lines: block.lines.length > 0 ? ['#   …'] : [] }]
      .map(block => `${shown(block).join('\n')}\n`)
      .map(text => ({ text, ticks: '`'.repeat(Math.max(ticks.length, longestRun(text) + 1)) }))
      .find(each => size(each.text) + 2 * (each.ticks.length - ticks.length) <= room);
    if (!fitting) {
      isWhole = false;
      break;
    }
    room -= size(fitting.text) + 2 * (fitting.ticks.length - ticks.length);
    taken.push(fitting.text);
    ticks = fitting.ticks;
  }
  if (taken.length === 0) return { text: '', count: 0 };
  const count = isWhole ? ` (${amount})` : ` (the first ${taken.length})`;
  return { text: frame(taken.join('').replace(/\n+$/, '\n'), ticks, count), count: taken.length };
}

/** A block of several lines has an empty one behind it. */
const shown = ({ title, lines }: Block): string[] => (lines.length > 0 ? [title, ...lines, ''] : [title]);

const lineCount = (text: string): number => text.split('\n').length - 1;

/** What nobody may overlook, in at most so many bytes. */
function caution(plan: Plan, scrub: Scrub, most: number): string[] {
  const { headline, items } = alarm(plan, scrub, code);
  if (!headline) return [];
  const lines = ['> [!CAUTION]', `> **${headline}**`];
  for (const item of items) if (size([...lines, item].join('\n')) + 10 <= most) lines.push(`> - ${item}`);
  return [lines.join('\n')];
}

function error({ errored }: Plan): string[] {
  return errored
    ? [
        '> [!WARNING]\n> **Terraform stopped with an error while it planned:** this is what it knew by then, and none of it can be applied.',
      ]
    : [];
}
