import { title } from '../kubectl/kubectl.ts';
import { type Application, revision, state } from './application.ts';
import type { Change, Field } from './plan.ts';

const most = 8;

/** The changes, a line an object and, indented, a line a field: `+` is created, `~` is changed. */
export function render(changes: readonly Change[]): string[] {
  return changes.flatMap(({ action, object, fields }) => [
    `${action === 'create' ? '+' : '~'} ${title(object)}`,
    ...fields.slice(0, most).map(each => `    ${show(each, object.kind === 'Secret')}`),
    ...(fields.length > most ? [`    and ${fields.length - most} more fields`] : []),
  ]);
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

function show({ path, before, after }: Field, secret: boolean): string {
  if (secret && /^(data|stringData)\b/.test(path)) return `${path}: another value (hidden)`;
  return `${path}: ${brief(before)} → ${brief(after)}`;
}

function brief(value: unknown): string {
  const text = value === undefined ? 'none' : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
