import { type Block, changedPaths, outputBlock, resourceBlock } from './blocks.ts';
import { actions, type Plan, type ResourceChange } from './model.ts';
import { code, cut, longestRun, plural, type Scrub, scrubber, size, visible } from './text.ts';

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

/** `staging: 2 to create, 0 to update, 0 to replace, 1 to destroy` */
export const summaryLine = (view: View): string =>
  line(view, {
    create: 'to create',
    update: 'to update',
    replace: 'to replace',
    destroy: 'to destroy',
    import: 'to import',
    move: 'to move',
    forget: 'to forget',
  });

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

function line({ plan: { counts, outputs, drift }, name }: View, words: Words): string {
  const all = Object.entries(words).map(([key, word]) => ({ key, word, count: counts[key as keyof Words] }));
  const some = all.some(({ count }) => count > 0);
  const parts = all
    .filter(({ key, count }) => count > 0 || (some && alwaysSaid.has(key)))
    .map(({ count, word }) => `${count} ${word}`);
  if (outputs.length > 0) parts.push(plural(outputs.length, 'changed output'));
  if (drift.length > 0) parts.push(`${drift.length} changed outside of Terraform`);
  return `${name}: ${parts.join(', ') || 'no changes'}`;
}

/** The plan for a terminal or a log, whole; the summary comes last, where it is seen. */
export function renderText(view: View): string {
  const scrub = scrubber(view.secrets);
  const lines: string[] = [];
  for (const { title, blocks } of sections(view, scrub)) {
    lines.push(title);
    for (const block of blocks()) lines.push(block.title, ...block.attributes);
    lines.push('');
  }
  return [...lines, summaryLine(view)].join('\n');
}

/**
 * The plan as Markdown of at most `limit` bytes, whole and valid whatever the plan: it is cut between resources, destroys
 * and replacements come first, and the summary counts everything.
 * @param more where the rest can be read; a link in Markdown
 */
export function renderMarkdown(view: View, limit: number, more?: string): string {
  const scrub = scrubber(view.secrets);
  const head = [`### ${summaryLine(view)}`, ...alarm(view.plan, scrub)].join('\n\n');
  const rest = (count: number) => `\n\n… and ${count} more${more ? `: ${more}` : ''}`;

  let room = limit - size(head) - size(rest(Number.MAX_SAFE_INTEGER));
  let left = 0;
  const parts = [head];
  for (const { title, open, total, blocks } of sections(view, scrub)) {
    const frame = (body: string, ticks: string) =>
      `\n\n<details${open ? ' open' : ''}><summary>${title}</summary>\n\n${ticks}diff\n${body}${ticks}\n\n</details>`;
    room -= size(frame('', '```'));
    let body = '';
    let ticks = '```';
    let taken = 0;
    for (const block of blocks()) {
      const fitting = [[block.title, ...block.attributes], [block.title]]
        .map(lines => `${lines.join('\n')}\n`)
        .map(text => ({ text, ticks: '`'.repeat(Math.max(ticks.length, longestRun(text) + 1)) }))
        .find(each => size(each.text) + 2 * (each.ticks.length - ticks.length) <= room);
      if (!fitting) break;
      room -= size(fitting.text) + 2 * (fitting.ticks.length - ticks.length);
      body += fitting.text;
      ticks = fitting.ticks;
      taken++;
    }
    left += total - taken;
    if (taken > 0) parts.push(frame(body, ticks));
  }
  return parts.join('') + (left > 0 ? rest(left) : '');
}

const namesInAlarm = 10;

/** What nobody may overlook. */
function alarm({ changes }: Plan, scrub: Scrub): string[] {
  const lost = changes.filter(({ action }) => action === 'destroy' || action === 'replace');
  if (lost.length === 0) return [];
  const names = lost.slice(0, namesInAlarm).map(({ address }) => code(cut(visible(scrub(address)), 200)));
  const rest = lost.length - names.length;
  return [
    `> [!CAUTION]\n> **This destroys ${plural(lost.length, 'resource')}:** ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`,
  ];
}

interface Section {
  title: string;
  open: boolean;
  total: number;
  blocks(): Iterable<Block>;
}

function sections({ plan, warnings = [] }: View, scrub: Scrub): Section[] {
  const drift = grouped(plan.drift);
  const all: Section[] = [
    {
      title: 'Warnings',
      open: true,
      total: warnings.length,
      blocks: () =>
        warnings.map(text => ({ title: `! ${cut(visible(scrub(text)), 1_000)}`, attributes: [] })),
    },
    {
      title: 'Changes',
      open: plan.changes.length <= 20,
      total: plan.changes.length,
      *blocks() {
        for (const change of ordered(plan.changes)) yield resourceBlock(change, scrub);
      },
    },
    {
      title: 'Outputs',
      open: false,
      total: plan.outputs.length,
      *blocks() {
        const width = Math.max(...plan.outputs.map(({ name }) => name.length));
        for (const output of plan.outputs) yield outputBlock(output, scrub, width);
      },
    },
    {
      title: 'Changed outside of Terraform',
      open: false,
      total: drift.length,
      blocks: () =>
        drift.map(({ first, count, paths }) => ({
          title: `! ${cut(visible(scrub(first.address)), 400)}${count > 1 ? ` and ${count - 1} more like it` : ''}  # ${first.action === 'destroy' ? 'gone' : visible(scrub(paths))}`,
          attributes: [],
        })),
    },
  ];
  return all.filter(({ total }) => total > 0);
}

/** By what happens to them, losses first; within that as Terraform lists them. */
function* ordered(changes: readonly ResourceChange[]): Generator<ResourceChange> {
  for (const action of [...actions, 'no-op'] as const) {
    for (const change of changes) if (change.action === action) yield change;
  }
}

/** Rows that say the same of one kind of resource, as one. */
function grouped(
  drift: readonly ResourceChange[],
): { first: ResourceChange; count: number; paths: string }[] {
  const groups = new Map<string, { first: ResourceChange; count: number; paths: string }>();
  for (const each of drift) {
    const paths = changedPaths(each);
    const key = [each.address.replace(/\[.*?\]/gs, '').replace(/\.[^.]*$/, ''), each.action, paths].join(
      '\n',
    );
    const group = groups.get(key);
    if (group) group.count++;
    else groups.set(key, { first: each, count: 1, paths });
  }
  return [...groups.values()];
}
