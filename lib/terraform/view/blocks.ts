import { type ChangeFile, isLoss, type OutputChange, type ResourceChange } from '../model.ts';
import { cut, visible } from '../text.ts';
import { attributeLines, type Style } from './attributes.ts';
import { type Difference, differences } from './diff.ts';
import { inLine, step } from './values.ts';

/** What a diff shows of one thing: a line that names it, and lines below that say more. */
export interface Block {
  title: string;
  lines: string[];
}

/** A resource with the attributes that differ. */
export const resourceBlock = (resource: ResourceChange, style: Style, more = ''): Block => ({
  title: title(resource, style, more),
  lines: resourceLines(resource, style),
});

/** `- exoscale_sks_cluster.shop  # replaced: destroyed, then created anew` */
export function title(resource: ResourceChange, { scrub }: Style, more = ''): string {
  const notes = [note(resource), ...otherNotes(resource), more].filter(Boolean).join('; ');
  const tell = (text: string) => cut(visible(scrub(text)), 400);
  return `${sign(resource)} ${tell(resource.address)}${notes && `  # ${tell(notes)}`}`;
}

export function resourceLines({ action, change }: ResourceChange, style: Style): string[] {
  if (action === 'forget' || action === 'read') return [];
  const all = differences(change);
  const lines = attributeLines(all, style, { fold: action === 'replace' ? isNewlyComputed : isComputed });
  if (action === 'update' && all.length === 0) lines.push('#   only what is marked as sensitive changes');
  return lines;
}

/** All outputs as lines in one column, as if they were the attributes of one resource. */
export function outputLines(outputs: readonly OutputChange[], { scrub, limits }: Style): string[] {
  const all = (side: (change: ChangeFile) => unknown) =>
    Object.fromEntries(outputs.map(({ name, change }) => [name, side(change)]));
  return attributeLines(
    differences({
      actions: [],
      before: all(change => change.before ?? null),
      after: all(change => change.after ?? null),
      before_sensitive: all(change => change.before_sensitive),
      after_sensitive: all(change => change.after_sensitive),
      after_unknown: all(change => change.after_unknown),
    }),
    { scrub, limits: { ...limits, attributes: Number.POSITIVE_INFINITY } },
  );
}

/** The attributes in which a resource differs, as the name of what has happened to it. */
export function changedPaths({ change }: ResourceChange): string {
  const paths = [...new Set(differences(change).map(({ keys }) => step('', keys[0] ?? 'everything')))];
  return paths.length > 5 ? `${paths.slice(0, 5).join(', ')}…` : paths.join(', ');
}

/** What comes to be with a resource: its id, its state… */
const isComputed = ({ before, after }: Difference): boolean =>
  before.kind === 'absent' && after.kind === 'unknown';

/** The same of a replacement, where the old one had them too. */
const isNewlyComputed = ({ after, forcesReplacement }: Difference): boolean =>
  after.kind === 'unknown' && !forcesReplacement;

// The signs that GitHub colours in a diff.
function sign(resource: ResourceChange): string {
  const { action, importing, movedFrom } = resource;
  if (isLoss(resource)) return '-';
  if (action === 'create' || importing) return '+';
  return action === 'read' || (action === 'no-op' && movedFrom === undefined) ? '#' : '!';
}

/** What becomes of a resource, in words; empty where its sign says it all. */
function note({ action, createFirst, keepsOld }: ResourceChange): string {
  switch (action) {
    case 'destroy':
      return 'destroyed';
    case 'replace':
      if (keepsOld) return 'replaced: created anew, and the old one left as it is, no longer managed';
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

function otherNotes(resource: ResourceChange): string[] {
  const { movedFrom, deposed, reason } = resource;
  return [
    imported(resource),
    movedFrom === undefined ? '' : `moved from ${movedFrom}`,
    deposed === undefined ? '' : `left behind by an interrupted replacement (${deposed})`,
    reason === undefined ? '' : (reasonText.get(reason) ?? reason.replaceAll('_', ' ')),
  ];
}

function imported({ importing, change: { importing: by } }: ResourceChange): string {
  if (!importing) return '';
  if (by?.id) return `imported by its id ${by.id}`;
  const parts = Object.entries(by?.identity ?? {}).map(([key, value]) => `${key} ${inLine(value)}`);
  if (parts.length > 0) return `imported by its ${parts.join(', ')}`;
  return by?.unknown ? 'imported by an id that is known after apply' : 'imported';
}

/** https://developer.hashicorp.com/terraform/internals/json-format#change-representation, and OpenTofu's own */
export const reasonText: ReadonlyMap<string, string> = new Map(
  Object.entries({
    replace_because_cannot_update: '', // the attributes that force it are marked
    replace_because_tainted: 'its creation failed last time',
    replace_by_request: 'asked for',
    replace_by_triggers: 'triggered by another change',
    delete_because_no_resource_config: 'not in the configuration any more',
    delete_because_wrong_repetition: 'count or for_each came or went',
    delete_because_count_index: 'beyond the count',
    delete_because_each_key: 'its for_each key is gone',
    delete_because_no_module: 'its module is gone',
    delete_because_no_move_target: 'moved to an address that does not exist',
    delete_because_enabled_false: 'not enabled any more',
    read_because_config_unknown: 'what to read is known only then',
    read_because_dependency_pending: 'it depends on what changes',
    read_because_check_nested: 'for a check',
  }),
);
