import { type Change, changes, count, type Operation, type Plan } from './plan.ts';

/** The plan as a person reads it, the same in a log, in a job's summary and in a comment. */
export function text(plan: Plan): string {
  const rows = changes(plan).flatMap(changeRows);
  const waiting = plan.decisions.flatMap(each =>
    each.kind === 'hold' || each.kind === 'conflict'
      ? [[each.name, `${each.kind === 'hold' ? 'held' : 'conflict'}: ${each.reason}`]]
      : [],
  );
  const notes = plan.notes.map(note => `  ${note}`);
  return [
    [`DNS of ${plan.zone}: ${summary(plan)}`],
    aligned(rows),
    aligned(waiting).map(line => `! ${line}`),
    plan.refusal === undefined ? [] : [`! Refused: ${plan.refusal}`],
    notes.length > 0 ? ['Also seen:', ...notes] : [],
  ]
    .filter(section => section.length > 0)
    .map(section => section.join('\n'))
    .join('\n\n');
}

/** The same for a page: GitHub colours the lines of a diff by their first character. */
export function markdown(plan: Plan): string {
  const [headline = '', ...body] = text(plan).split('\n\n');
  if (body.length === 0) return `### ${headline}`;
  const inside = body.join('\n\n');
  // Longer than any fence that a name or a rule may hold.
  const fence = '`'.repeat(Math.max(3, ...[...inside.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `### ${headline}\n\n${fence}diff\n${inside}\n${fence}`;
}

/** `2 to create, 1 to delete, 3 as wished`, or `nothing to change`. */
export function summary(plan: Plan): string {
  const operations = changes(plan).flatMap(change => change.operations);
  const of = (kind: Operation['kind']) => operations.filter(each => each.kind === kind).length;
  const names = (kind: 'hold' | 'conflict') => plan.decisions.filter(each => each.kind === kind).length;
  const kept = plan.decisions.flatMap(each => (each.kind === 'keep' ? each.records : [])).length;
  const parts: [number, string][] = [
    [of('create'), 'to create'],
    [of('patch'), 'to change'],
    [of('delete'), 'to delete'],
    [names('hold'), 'held'],
    [names('conflict'), 'in conflict'],
    [kept, 'as wished'],
  ];
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return [...(operations.length === 0 ? ['nothing to change'] : []), ...told].join(', ');
}

const signs = { create: '+', patch: '~', delete: '-' } as const;

/** The name and the reason stand once, before and after the first of the name's operations. */
function changeRows({ name, operations, why }: Change): string[][] {
  const rows = operations.flatMap(operation => {
    const { type } = operation.kind === 'delete' ? operation.before : operation.after;
    return values(operation).map((value, line) => [signs[operation.kind], line === 0 ? type : '', value]);
  });
  return rows.map(([sign, ...cells], line) => [
    `${sign} ${line === 0 ? name : ''}`,
    ...cells,
    line === 0 ? why : '',
  ]);
}

function values(operation: Operation): string[] {
  if (operation.kind === 'create') return [operation.after.content];
  if (operation.kind === 'delete') return [operation.before.content];
  const { before, after } = operation;
  const lifetime = (ttl: number) => (ttl === 1 ? 'automatic' : `${ttl} s`);
  const way = (proxied: boolean) => (proxied ? 'proxied' : 'DNS only');
  return [
    before.content === after.content ? after.content : `${before.content} → ${after.content}`,
    ...(before.ttl === after.ttl ? [] : [`TTL ${lifetime(before.ttl)} → ${lifetime(after.ttl)}`]),
    ...(before.proxied === after.proxied ? [] : [`${way(before.proxied)} → ${way(after.proxied)}`]),
    ...(before.comment === after.comment ? [] : ['new owner mark']),
  ];
}

/** Columns as wide as their widest cell. */
function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => (row[column] ?? '').length)));
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** The plan for other steps of a workflow. */
export const json = ({ zone, decisions, notes, refusal }: Plan) => ({
  zone,
  names: decisions.map(decision => {
    if (decision.kind !== 'change') {
      const { name, kind } = decision;
      return { name, kind, ...('reason' in decision && { reason: decision.reason }) };
    }
    const { name, kind, why } = decision;
    const value = ({ content, ttl, proxied }: { content: string; ttl: number; proxied: boolean }) => ({
      content,
      ttl,
      proxied,
    });
    return {
      ...{ name, kind, why },
      operations: decision.operations.map(operation => ({
        kind: operation.kind,
        type: operation.kind === 'delete' ? operation.before.type : operation.after.type,
        ...(operation.kind !== 'create' && { from: value(operation.before) }),
        ...(operation.kind !== 'delete' && { to: value(operation.after) }),
      })),
    };
  }),
  notes,
  ...(refusal !== undefined && { refusal }),
});

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
