import { UserError } from '../runner/errors.ts';

/** `show -json` of a saved plan, as far as it is used: https://developer.hashicorp.com/terraform/internals/json-format */
interface PlanFile {
  format_version: string;
  /** OpenTofu does not say it. */
  applyable?: boolean;
  resource_changes?: ResourceFile[];
  resource_drift?: ResourceFile[];
  output_changes?: Record<string, ChangeFile>;
  variables?: Record<string, { value?: unknown }>;
  prior_state?: { values?: StateValues };
  planned_values?: StateValues;
  configuration?: { root_module?: { variables?: Record<string, { sensitive?: boolean }> } };
}

interface ResourceFile {
  address: string;
  type: string;
  previous_address?: string;
  deposed?: string;
  action_reason?: string;
  change: ChangeFile;
}

export interface ChangeFile {
  actions: string[];
  before?: unknown;
  after?: unknown;
  after_unknown?: unknown;
  before_sensitive?: unknown;
  after_sensitive?: unknown;
  replace_paths?: (string | number)[][];
  importing?: object;
}

export interface StateValues {
  outputs?: Record<string, { value?: unknown; sensitive?: boolean }>;
  root_module?: StateModule;
}

export interface StateModule {
  resources?: { address: string; values?: unknown; sensitive_values?: unknown }[];
  child_modules?: StateModule[];
}

/** In the order in which a reader should see them: what is lost comes first. */
export const actions = ['destroy', 'replace', 'update', 'create', 'forget', 'read'] as const;
export type Action = (typeof actions)[number];

export interface ResourceChange {
  address: string;
  /** `exoscale_sks_cluster` */
  type: string;
  action: Action | 'no-op';
  /** Of a replacement: the new one is there before the old one goes. */
  createFirst: boolean;
  /** The address that it moves from. */
  movedFrom?: string;
  /** An object that an interrupted replacement left behind. */
  deposed?: string;
  importing: boolean;
  /** Why Terraform does it, where that is not plain from the configuration: `delete_because_no_resource_config`… */
  reason?: string;
  change: ChangeFile;
}

export interface OutputChange {
  name: string;
  action: Action;
  change: ChangeFile;
}

export interface Plan {
  /** Everything that Terraform will do something about; what stays as it is is left out. */
  changes: ResourceChange[];
  /**
   * What has changed outside of Terraform since its last run, and what the plan does something about. The rest is what
   * fills in by itself after a creation: the nodes of a pool, the services of a load balancer.
   */
  drift: ResourceChange[];
  outputs: OutputChange[];
  counts: Record<Action | 'import' | 'move', number>;
  file: PlanFile;
}

/**
 * Reads what `terraform show -json PLAN` printed.
 * @throws UserError for a format that this version does not know
 */
export function readPlan(json: string): Plan {
  const file = parse(json) as PlanFile;
  const version = String(file?.format_version);
  if (!/^[01]\./.test(version)) {
    throw new UserError(
      `The plan has format ${version}, and formats 1.x are understood: use a newer version of this action, or an older Terraform`,
    );
  }
  const changes = (file.resource_changes ?? []).map(resource).filter(isChange);
  const answered = new Set(changes.map(({ address }) => address));
  const counts = Object.fromEntries([...actions, 'import', 'move'].map(name => [name, 0])) as Plan['counts'];
  for (const { action, importing, movedFrom } of changes) {
    if (action !== 'no-op') counts[action]++;
    if (importing) counts.import++;
    if (movedFrom !== undefined) counts.move++;
  }
  return {
    changes,
    drift: (file.resource_drift ?? [])
      .map(resource)
      .filter(row => row.action !== 'no-op' && answered.has(row.address)),
    outputs: Object.entries(file.output_changes ?? {}).flatMap(([name, change]) => {
      const action = actionOf(change.actions);
      return action === 'no-op' ? [] : [{ name, action, change }];
    }),
    counts,
    file,
  };
}

/** False when applying the plan would leave everything as it is. */
export const changesAnything = ({ file, changes, outputs }: Plan): boolean =>
  file.applyable ?? (outputs.length > 0 || changes.some(({ action }) => action !== 'read'));

const isChange = ({ action, importing, movedFrom }: ResourceChange): boolean =>
  action !== 'no-op' || importing || movedFrom !== undefined;

function resource({
  address,
  type,
  previous_address,
  deposed,
  action_reason,
  change,
}: ResourceFile): ResourceChange {
  return {
    address,
    type,
    action: actionOf(change.actions),
    createFirst: change.actions.length > 1 && change.actions[0] === 'create',
    importing: change.importing !== undefined,
    ...(previous_address !== undefined && previous_address !== address && { movedFrom: previous_address }),
    ...(deposed !== undefined && { deposed }),
    ...(action_reason !== undefined && { reason: action_reason }),
    change,
  };
}

const single: Record<string, Action | 'no-op'> = {
  'no-op': 'no-op',
  create: 'create',
  read: 'read',
  open: 'read', // OpenTofu's ephemeral resources
  update: 'update',
  delete: 'destroy',
  forget: 'forget',
};

function actionOf(names: readonly string[]): Action | 'no-op' {
  if (names.length === 2 && names.includes('create')) return 'replace';
  const action = names.length === 1 ? single[names[0] ?? ''] : undefined;
  if (!action) {
    throw new UserError(
      `The plan has an action "${names.join(', ')}" that is not known here: use a newer version of this action`,
    );
  }
  return action;
}

/** JSON, with the digits of integers that a number cannot hold (beyond 2^53) kept as a bigint. */
function parse(json: string): unknown {
  // The reviver costs ten times the parsing: only where there may be such a number.
  return /[[:,\s-]\d{16}/.test(json)
    ? JSON.parse(json, exact as (key: string, value: unknown) => unknown)
    : JSON.parse(json);
}

// Node 24 hands the source text to revivers; TypeScript's library does not say so yet.
const exact = (_key: string, value: unknown, { source }: { source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')
    ? BigInt(source ?? '')
    : value;
