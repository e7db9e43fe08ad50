import { diffLines } from 'diff';
import type { Drift } from '../github/drift.ts';
import { fenced } from '../github/fence.ts';
import { title } from '../kubectl/kubectl.ts';
import { type Application, revision, state } from './application.ts';
import type { Field } from './difference.ts';
import type { Change } from './plan.ts';

const most = 8;

/** The changes, a line an object and, indented, a line a field: `+` is created, `~` is changed. */
export function render(changes: readonly Change[]): string[] {
  return changes.flatMap(({ action, object, fields }) => [
    `${action === 'create' ? '+' : '~'} ${title(object)}`,
    ...fields
      .slice(0, most)
      .flatMap(each => show(each, object.kind === 'Secret'))
      .map(each => `    ${each}`),
    ...(fields.length > most ? [`    and ${fields.length - most} more fields`] : []),
  ]);
}

/**
 * What is not in the cluster as it was brought there; undefined where nothing is otherwise.
 * @param unmade what would have to be made outside of the cluster, a line each
 */
export function driftOf(
  environment: string,
  changes: readonly Change[],
  unmade: readonly string[],
): Drift | undefined {
  const lines = [...unmade, ...render(changes)];
  if (lines.length === 0) return undefined;
  const what = [changes.length > 0 && count(changes), unmade.length > 0 && 'a database to make'];
  return {
    found: `### ${environment}: ${what.filter(Boolean).join(', ')}\n\n${fenced('diff', lines.join('\n'))}`,
    advice: 'A bootstrap, and so a deploy, takes this back; to keep it, write it into the manifests.',
  };
}

/** `59 to create, 2 to change` */
export const count = (changes: readonly Change[]): string =>
  `${created(changes)} to create, ${changes.length - created(changes)} to change`;

/** `59 created, 2 changed` */
export const done = (changes: readonly Change[]): string =>
  `${created(changes)} created, ${changes.length - created(changes)} changed`;

const created = (changes: readonly Change[]): number =>
  changes.filter(({ action }) => action === 'create').length;

/** `shop: Synced, Healthy at 1a2b3c4` */
export const line = (application: Application): string =>
  `${application.metadata.name}: ${state(application)} at ${short(application)}`;

/** For the page of the run. */
export const table = (environment: string, applications: readonly Application[]): string =>
  [
    `### ${environment}: ${applications.length} Applications`,
    '',
    '| Application | State | Revision |',
    '| --- | --- | --- |',
    ...applications.map(each => `| ${each.metadata.name} | ${state(each)} | ${short(each)} |`),
  ].join('\n');

// A commit in seven digits; a tag or a chart's version as it is.
const short = (application: Application): string =>
  (revision(application) ?? 'no revision').replace(/^([0-9a-f]{7})[0-9a-f]{33}$/, '$1');

function show({ path, before, after }: Field, secret: boolean): string[] {
  // Annotations too: `kubectl apply` keeps in one of them all that it was given.
  if (secret && !path.startsWith('metadata.labels')) return [`${path}: ${hidden(before, after)}`];
  if (typeof before === 'string' && typeof after === 'string' && /\n./.test(before + after))
    return [`${path}:`, ...changedLines(before, after)];
  return [`${path}: ${brief(before)} → ${brief(after)}`];
}

function hidden(before: unknown, after: unknown): string {
  if (before === undefined) return 'a new value (hidden)';
  return after === undefined ? 'none any more (hidden)' : 'another value (hidden)';
}

/** Of a text of many lines those that go and those that come. */
function changedLines(before: string, after: string): string[] {
  const lines = diffLines(before, after)
    .filter(({ added, removed }) => added || removed)
    .flatMap(({ added, value }) =>
      value
        .trimEnd()
        .split('\n')
        .map(line => `  ${added ? '+' : '-'} ${cut(line)}`),
    );
  return lines.length > most ? [...lines.slice(0, most), `  and ${lines.length - most} more lines`] : lines;
}

const brief = (value: unknown): string =>
  cut(value === undefined ? 'none' : (JSON.stringify(value) ?? String(value)));

const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);
