import { type Difference, differences, type Side } from './diff.ts';
import type { OutputChange, ResourceChange } from './model.ts';
import { cut, type Scrub, visible } from './text.ts';

/** What a diff shows of one resource: a line that names it, and a line for each attribute that differs. */
export interface Block {
  title: string;
  attributes: string[];
}

const attributesShown = 60;
const valueShown = 200;

export function resourceBlock(resource: ResourceChange, scrub: Scrub): Block {
  const { action, change } = resource;
  const bare = action === 'destroy' || action === 'forget' || action === 'read';
  const rows = bare ? [] : attributes(differences(change), scrub);
  const notes = [note(resource), ...otherNotes(resource)].filter(Boolean).join('; ');
  const address = cut(visible(scrub(resource.address)), 400);
  return {
    title: `${sign(resource)} ${address}${notes && `  # ${cut(visible(scrub(notes)), 400)}`}`,
    attributes: rows,
  };
}

/** @param width to which names are padded, so that all outputs stand in line */
export function outputBlock({ name, change }: OutputChange, scrub: Scrub, width: number): Block {
  // An output that is null has nothing to show but its name.
  const [title = `! ${visible(scrub(name))}`, ...rest] = attributes(below(name, differences(change)), scrub, {
    leastWidth: width,
    fold: false,
  });
  return { title, attributes: rest };
}

function* below(name: string, all: Iterable<Difference>): Generator<Difference> {
  for (const { path, ...rest } of all) {
    yield { ...rest, path: `${name}${path && !path.startsWith('[') ? '.' : ''}${path}` };
  }
}

/** The paths in which a resource differs, as the name of what has happened to it. */
export function changedPaths({ change }: ResourceChange): string {
  const paths = new Set<string>();
  for (const { path } of differences(change)) {
    paths.add(path.replace(/\[.*$/s, ''));
    if (paths.size > 5) return `${[...paths].slice(0, 5).join(', ')}…`;
  }
  return [...paths].join(', ');
}

// The signs that GitHub colours in a diff; a line never begins with anything else.
function sign({ action, importing, movedFrom }: ResourceChange): string {
  if (action === 'destroy' || action === 'replace') return '-';
  if (action === 'create' || importing) return '+';
  if (action === 'update' || action === 'forget' || movedFrom !== undefined) return '!';
  return '#';
}

function note({ action, createFirst }: ResourceChange): string {
  switch (action) {
    case 'destroy':
      return 'destroyed';
    case 'replace':
      return createFirst
        ? 'replaced: created anew, then destroyed'
        : 'replaced: destroyed, then created anew';
    case 'forget':
      return 'no longer managed, and left as it is';
    case 'read':
      return 'read while applying';
    default:
      return '';
  }
}

function otherNotes({ importing, movedFrom, deposed, reason }: ResourceChange): string[] {
  return [
    importing ? 'imported' : '',
    movedFrom === undefined ? '' : `moved from ${movedFrom}`,
    deposed === undefined ? '' : `left behind by an interrupted replacement (${deposed})`,
    reasons[reason ?? ''] ?? '',
  ];
}

// https://developer.hashicorp.com/terraform/internals/json-format#change-representation
const reasons: Record<string, string> = {
  replace_because_tainted: 'its creation failed last time',
  replace_by_request: 'asked for',
  replace_by_triggers: 'triggered by another change',
  delete_because_no_resource_config: 'not in the configuration any more',
  delete_because_wrong_repetition: 'count or for_each came or went',
  delete_because_count_index: 'beyond the count',
  delete_because_each_key: 'its for_each key is gone',
  delete_because_no_module: 'its module is gone',
  delete_because_no_move_target: 'moved to an address that does not exist',
};

function attributes(all: Iterable<Difference>, scrub: Scrub, { leastWidth = 0, fold = true } = {}): string[] {
  const shown: (Difference & { name: string })[] = [];
  const computed: string[] = [];
  let left = 0;
  for (const difference of all) {
    const name = cut(visible(scrub(difference.path || 'everything')), 200);
    if (fold && isComputed(difference)) computed.push(name);
    else if (shown.length < attributesShown) shown.push({ ...difference, name });
    else left++;
  }
  const width = Math.min(40, Math.max(leastWidth, ...shown.map(({ name }) => name.length)));
  const lines = shown.map(
    ({ name, forcesReplacement, ...sides }) =>
      `${mark(sides)}   ${name.padEnd(width)} = ${sidesText(sides, scrub)}${forcesReplacement ? '  # forces the replacement' : ''}`,
  );
  if (left > 0) lines.push(`#   … and ${left} more attributes`);
  if (computed.length > 0) lines.push(`#   known after apply: ${cut(computed.join(', '), valueShown)}`);
  return lines;
}

type Sides = Pick<Difference, 'before' | 'after'>;

/** What comes to be with a resource: its id, its state… A line for each would bury the rest. */
const isComputed = ({ before, after }: Sides): boolean =>
  before.kind === 'absent' && after.kind === 'unknown';

const mark = ({ before, after }: Sides): string =>
  before.kind === 'absent' ? '+' : after.kind === 'absent' ? '-' : '!';

function sidesText({ before, after }: Sides, scrub: Scrub): string {
  if (before.kind === 'absent') return show(after, scrub);
  if (after.kind === 'absent') return show(before, scrub);
  if (before.kind === 'sensitive' && after.kind === 'sensitive') return '(sensitive, another one)';
  return `${show(before, scrub)} → ${show(after, scrub)}`;
}

function show(side: Side, scrub: Scrub): string {
  switch (side.kind) {
    case 'unknown':
      return '(known after apply)';
    case 'sensitive':
      return '(sensitive)';
    case 'absent':
      return '(none)';
    case 'value':
      return literal(side.value, scrub);
  }
}

function literal(value: unknown, scrub: Scrub): string {
  if (Array.isArray(value)) return '[]'; // lists and maps with something in them are shown by their parts
  if (typeof value === 'object') return '{}';
  if (typeof value !== 'string') return scrub(String(value));
  const text = cut(visible(JSON.stringify(scrub(value))), valueShown);
  return value.length > valueShown ? `${text} (${value.length} characters)` : text;
}
