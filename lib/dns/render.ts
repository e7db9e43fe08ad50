import { cutMarkdown } from '../github/cut.ts';
import { fenced } from '../github/fence.ts';
import type { Remarks } from './claims.ts';
import type { Change } from './decision.ts';
import type { Operation } from './difference.ts';
import { count } from './guard.ts';
import { unicode } from './host.ts';
import { changes, operations, type Plan } from './plan.ts';

/** The plans as a person reads them, the same in a log, in a job's summary and in a comment. */
export function text(plans: readonly Plan[], remarks: Remarks): string {
  return [...plans.map(one), remarksText(remarks)].filter(Boolean).join('\n\n');
}

/** The same for a page: GitHub colours the lines of a diff by their first character, and takes a MiB. */
export function markdown(plans: readonly Plan[], remarks: Remarks): string {
  const parts = plans.map(plan => {
    const [headline = '', ...body] = one(plan).split('\n\n');
    return `### ${headline}${body.length === 0 ? '' : `\n\n${fenced('diff', body.join('\n\n'))}`}`;
  });
  const aside = remarksText(remarks);
  const whole = [...parts, aside && fenced('text', aside)].filter(Boolean).join('\n\n');
  return fitting(whole);
}

/** A page that GitHub takes as a job's summary. */
export const fitting = (page: string): string =>
  page.length <= longest ? page : cutMarkdown(page, longest, '_The rest is in the log of the run._');
// In bytes GitHub takes 1,048,576; a host may have letters of three.
const longest = 340_000;

function one(plan: Plan): string {
  const rows = changes(plan).flatMap(changeRows);
  const waiting = plan.decisions.flatMap(each => [
    ...('reason' in each
      ? [[unicode(each.name), `${each.kind === 'hold' ? 'held' : 'conflict'}: ${each.reason}`]]
      : []),
    ...(each.disputed === undefined ? [] : [[unicode(each.name), `disputed: ${each.disputed}`]]),
  ]);
  return [
    [`DNS of ${plan.zone}: ${summary(plan)}`],
    aligned(rows),
    aligned(waiting).map(line => `! ${line}`),
    plan.refusal === undefined ? [] : [`! Refused: ${plan.refusal}`],
    plan.withheld === undefined ? [] : [`! Withheld: ${plan.withheld}`],
  ]
    .filter(section => section.length > 0)
    .map(section => section.join('\n'))
    .join('\n\n');
}

export function remarksText({ notes, unseen = [] }: Remarks): string {
  const section = (title: string, lines: readonly string[]) =>
    lines.length > 0 ? [[`${title}:`, ...lines.map(line => `  ${line}`)].join('\n')] : [];
  return [...section('Not seen, so no name is let go', unseen), ...section('Also seen', notes)].join('\n\n');
}

/** `2 to create, 1 to delete, 3 as wished`, or `nothing to change`. */
export function summary(plan: Plan): string {
  const all = operations(plan);
  const of = (kind: Operation['kind']) => all.filter(each => each.kind === kind).length;
  const names = (kind: 'hold' | 'conflict') => plan.decisions.filter(each => each.kind === kind).length;
  const parts: [number, string][] = [
    [of('create'), 'to create'],
    [of('patch'), 'to change'],
    [of('delete'), 'to delete'],
    [names('hold'), 'held'],
    [names('conflict'), 'in conflict'],
    [plan.decisions.filter(({ disputed }) => disputed !== undefined).length, 'disputed'],
    [kept(plan), 'as wished'],
  ];
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return [...(all.length === 0 ? ['nothing to change'] : []), ...told].join(', ');
}

export const kept = ({ decisions }: Plan): number =>
  decisions.reduce((sum, each) => sum + (each.kind === 'keep' ? each.records.length : 0), 0);

const signs = { create: '+', patch: '~', delete: '-' } as const;

/** The name and the reason stand once, before and after the first of the name's operations. */
function changeRows({ name, operations, why }: Change): string[][] {
  const rows = operations.flatMap(operation => {
    const { type } = operation.kind === 'delete' ? operation.before : operation.after;
    return values(name, operation).map((value, line) => [
      signs[operation.kind],
      line === 0 ? type : '',
      value,
    ]);
  });
  return rows.map(([sign, ...cells], line) => [
    `${sign} ${line === 0 ? unicode(name) : ''}`,
    ...cells,
    line === 0 ? why : '',
  ]);
}

const lifetime = (ttl: number): string => (ttl === 1 ? 'automatic' : `${ttl} s`);
const way = (proxied: boolean): string => (proxied ? 'proxied' : 'DNS only');

function values(name: string, operation: Operation): string[] {
  if (operation.kind === 'create') {
    const { content, ttl, proxied } = operation.after;
    return [[content, ttl !== 1 && `TTL ${lifetime(ttl)}`, proxied && 'proxied'].filter(Boolean).join(', ')];
  }
  const { before } = operation;
  // Of a TXT it matters which it is: external-dns has it at another name.
  if (operation.kind === 'delete')
    return [before.name === name ? before.content : `${before.name}, ${before.content}`];
  const { after } = operation;
  return [
    before.content === after.content ? after.content : `${before.content} → ${after.content}`,
    ...(before.ttl === after.ttl ? [] : [`TTL ${lifetime(before.ttl)} → ${lifetime(after.ttl)}`]),
    ...(before.proxied === after.proxied ? [] : [`${way(before.proxied)} → ${way(after.proxied)}`]),
    ...(before.comment === after.comment ? [] : ['new owner mark']),
  ];
}

/** Columns as wide as their widest cell; one that is far longer than the rest does not push them all aside. */
export function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => {
    let widest = 0;
    for (const row of rows) widest = Math.max(widest, Math.min(60, row[column]?.length ?? 0));
    return widest;
  });
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** `2 created, 1 deleted`: what has been done, as `summary` says what would be. */
export function done(operations: readonly Operation[]): string {
  const words = { create: 'created', patch: 'changed', delete: 'deleted' } as const;
  return Object.entries(words)
    .map(([kind, word]) => [operations.filter(each => each.kind === kind).length, word] as const)
    .filter(([number]) => number > 0)
    .map(([number, word], index) =>
      index === 0 ? `${count(number, 'record')} ${word}` : `${number} ${word}`,
    )
    .join(', ');
}
