import type { Leftover } from '../exoscale/exoscale.ts';
import type { Kept } from './data/keep.ts';

/** `load balancer shop-staging (1f0c…)`: a database's id is its name. */
export const list = ({ kind, name, id }: Leftover): string =>
  id === name ? `${kind} ${name}` : `${kind} ${name} (${id})`;

/** A line a thing, under a line that counts them. */
export function table(title: string, things: readonly Leftover[]): string {
  if (things.length === 0) return `${title}: nothing`;
  const rows = things.map(each => `  ${list(each)}${each.billable ? ', billed' : ''}`);
  return [`${title}: ${things.length} things, ${billed(things)} of them billed`, ...rows].join('\n');
}

export function outcome(before: readonly Leftover[], after: readonly Leftover[]): string {
  if (billed(after) > 0) return `${billed(after)} things are left that are billed`;
  const gone = before.length - after.length;
  return `${gone > 0 ? `${gone} things are gone` : 'there was nothing to take down'}, nothing billable is left`;
}

/** Before and after, for the page of the run. */
export function summarise(
  environment: string,
  before: readonly Leftover[],
  after: readonly Leftover[],
  dumps: readonly Kept[] = [],
): string {
  const all = new Map([...before, ...after].map(each => [`${each.kind} ${each.id}`, each]));
  const left = new Set(after.map(each => `${each.kind} ${each.id}`));
  const rows = [...all].map(
    ([key, { kind, name, id, billable }]) =>
      `| ${kind} | ${name} | \`${id}\` | ${billable ? 'yes' : 'no'} | ${left.has(key) ? '**still there**' : 'gone'} |`,
  );
  return [
    `### ${environment}: ${outcome(before, after)}`,
    '',
    ...(rows.length > 0
      ? ['| what | name | id | billed | now |', '| --- | --- | --- | --- | --- |', ...rows, '']
      : []),
    ...dumps.map(
      ({ address, moment }) => `What was in a database is kept in \`${address}\`, as of ${moment}.\n`,
    ),
  ].join('\n');
}

const billed = (things: readonly Leftover[]): number => things.filter(({ billable }) => billable).length;
