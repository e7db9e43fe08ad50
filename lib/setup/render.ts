import { styleText } from 'node:util';
import { wrapped } from '../runner/text.ts';
import { type Change, describe } from './change.ts';
import { isProblem, listed, type Row, type State } from './row.ts';

const marks: Record<State, { mark: string; colour: 'green' | 'red' | 'yellow' }> = {
  ok: { mark: '✓', colour: 'green' },
  missing: { mark: '✗', colour: 'red' },
  wrong: { mark: '✗', colour: 'red' },
  warning: { mark: '!', colour: 'yellow' },
  unknown: { mark: '?', colour: 'yellow' },
};

/**
 * One table for a terminal: a line a check, below it what `--apply` does (+) and what is left to people (→).
 * @param columns how wide it may be
 */
export function table(rows: readonly Row[], columns = Number.POSITIVE_INFINITY): string {
  const areas = [...new Set(rows.map(({ area }) => area))];
  const told = new Set<string>();
  return areas
    .map(area => {
      const own = once(told, together(rows.filter(row => row.area === area)));
      const width = Math.max(...own.map(({ name }) => name.length));
      return [styleText('bold', area), ...own.flatMap(row => lines(row, width, columns))].join('\n');
    })
    .join('\n\n');
}

/** Where one thing keeps many checks from being made, or one thing is to be done about many, it is told once. */
function together(rows: readonly Row[]): Row[] {
  const cause = ({ says, todo = says }: Row) => todo;
  return rows.flatMap(row => {
    const alike = rows.filter(each => each.state === 'unknown' && cause(each) === cause(row));
    if (row.state !== 'unknown' || alike.length < 3) return [row];
    if (alike[0] !== row) return [];
    const names = alike.filter(({ says }) => says !== row.says).map(({ name }) => name);
    // "production: secrets" is not read where production is not.
    const others = names.filter(name => !names.some(each => name.startsWith(`${each}: `)));
    const says = others.length > 0 ? `${row.says}; nor ${listed(others)}` : row.says;
    return [{ ...row, name: `${alike.length} checks`, says }];
  });
}

/** What is to be done before a check can be made is not told again where it stands above. */
function once(told: Set<string>, rows: readonly Row[]): Row[] {
  return rows.map(({ todo, ...row }) => {
    const isTold = todo !== undefined && row.state === 'unknown' && told.has(todo);
    if (todo !== undefined) told.add(todo);
    return todo === undefined || isTold ? row : { ...row, todo };
  });
}

function lines({ name, state, says, todo, changes }: Row, width: number, columns: number): string[] {
  const { mark, colour } = marks[state];
  const indent = ' '.repeat(width + 6);
  const below = (sign: string, text: string) =>
    wrapped(text, columns - indent.length - 2).map(
      (line, index) => `${indent}${styleText('cyan', `${index === 0 ? sign : ' '} ${line}`)}`,
    );
  const [first = '', ...more] = wrapped(says, columns - indent.length);
  return [
    `  ${styleText(colour, mark)} ${name.padEnd(width)}  ${first}`,
    ...more.map(line => `${indent}${line}`),
    ...(changes.length > 0 ? below('+', summary(changes)) : []),
    ...(todo === undefined ? [] : below('→', todo)),
  ];
}

/** Secrets of one row are told in one go. */
function summary(changes: readonly Change[]): string {
  const secrets = changes.filter(change => change.kind === 'secret');
  const names = [...new Set(secrets.map(({ name }) => name))];
  const environments = [...new Set(secrets.map(({ environment }) => environment))];
  const from = [...new Set(secrets.flatMap(({ from: variable }) => variable ?? []))];
  const source = from.length > 0 ? ` from ${listed(from)}` : ', made at random';
  return [
    ...changes.filter(change => change.kind !== 'secret').map(describe),
    ...(secrets.length > 0 ? [`sets ${listed(names)} in ${listed(environments)}${source}`] : []),
  ].join('; ');
}

/** The last line: how it stands, and what comes next. */
export function outcome(rows: readonly Row[]): string {
  const count = (state: State) => rows.filter(row => row.state === state).length;
  const words: [State, string][] = [
    ['ok', 'in order'],
    ['missing', 'missing'],
    ['wrong', 'wrong'],
    ['warning', count('warning') === 1 ? 'warning' : 'warnings'],
    ['unknown', 'not looked at'],
  ];
  const parts = words.flatMap(([state, word]) => (count(state) > 0 ? [`${count(state)} ${word}`] : []));
  const changes = rows.flatMap(row => row.changes).length;
  const byHand = rows.filter(row => isProblem(row) && row.todo !== undefined).length;
  const next = [
    ...(changes > 0 ? [`"npm run slipway -- setup --apply" does what is marked + (${changes} writes)`] : []),
    ...(byHand > 0 ? ['what is marked → is for you'] : []),
  ];
  return [parts.join(', '), ...next].join('; ');
}
