import { UserError } from '../runner/errors.ts';
import { type Check, type CheckFile, checks } from './checks.ts';
import { parsePlanFile } from './plan-file.ts';
import { relevantDrift } from './relevance.ts';

/** `show -json` of a saved plan, as far as it is used: https://developer.hashicorp.com/terraform/internals/json-format */
export interface PlanFile {
  format_version: string;
  /** OpenTofu does not say it. */
  applyable?: boolean;
  /** False when changes are deferred. */
  complete?: boolean;
  errored?: boolean;
  resource_changes?: ResourceFile[];
  resource_drift?: ResourceFile[];
  deferred_changes?: { reason?: string; resource_change: ResourceFile }[];
  /** Since Terraform 1.14: what a provider does beside changing resources. */
  action_invocations?: Invocation[];
  /** What the changes follow from. */
  relevant_attributes?: { resource: string; attribute: (string | number)[] }[];
  output_changes?: Record<string, ChangeFile>;
  checks?: CheckFile[];
  variables?: Record<string, { value?: unknown }>;
  prior_state?: { values?: StateValues };
  planned_values?: StateValues;
  configuration?: { root_module?: { variables?: Record<string, { sensitive?: boolean }> } };
}

export interface ResourceFile {
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
  importing?: { id?: string; unknown?: boolean; identity?: Record<string, unknown> };
  generated_config?: string;
}

export interface Invocation {
  address: string;
  lifecycle_action_trigger?: {
    triggering_resource_address?: string;
    action_trigger_event?: string;
    /** Which of the resource's action_trigger blocks, and which of the actions in it. */
    action_trigger_block_index?: number;
    actions_list_index?: number;
  };
  config_values?: unknown;
  config_unknown?: unknown;
  config_sensitive?: unknown;
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
  /** Of a replacement: the old one is only forgotten, and stays as it is. */
  keepsOld: boolean;
  /** The address that it moves from. */
  movedFrom?: string;
  /** An object that an interrupted replacement left behind. */
  deposed?: string;
  importing: boolean;
  /** Why Terraform does it, where that is not plain from the configuration: `delete_because_no_resource_config`… */
  reason?: string;
  change: ChangeFile;
}

export interface DeferredChange extends ResourceChange {
  /** Why it has to wait for another plan: `instance_count_unknown`… */
  waitsFor: string;
}

export interface OutputChange {
  name: string;
  action: Action;
  change: ChangeFile;
}

/** Integers beyond 2^53 in values are bigints, which `JSON.stringify` refuses without a replacer. */
export interface Plan {
  /** Everything that Terraform will do something about; what stays as it is is left out. */
  changes: ResourceChange[];
  /**
   * What has changed outside of Terraform since its last run, and what the plan does something about or follows from. The
   * rest is what fills in by itself after a creation: the nodes of a pool, the services of a load balancer.
   */
  drift: ResourceChange[];
  /** What has to wait for another plan, after this one is applied. */
  deferred: DeferredChange[];
  outputs: OutputChange[];
  checks: Check[];
  /** Terraform stopped with an error: this is what it knew by then, and it cannot be applied. */
  errored: boolean;
  counts: Record<Action | 'import' | 'move', number>;
  file: PlanFile;
}

/**
 * Reads what `terraform show -json PLAN` or `tofu show -json PLAN` printed.
 * @throws UserError for what is no plan, is too long, or has a format that this version does not know
 */
export function readPlan(json: string | Uint8Array): Plan {
  const file = parsePlanFile(json);
  const changes = (file.resource_changes ?? []).map(resource).filter(isChange);
  const counts = Object.fromEntries([...actions, 'import', 'move'].map(name => [name, 0])) as Plan['counts'];
  for (const { action, importing, movedFrom } of changes) {
    if (action !== 'no-op') counts[action]++;
    if (importing) counts.import++;
    if (movedFrom !== undefined) counts.move++;
  }
  return {
    changes,
    drift: relevantDrift((file.resource_drift ?? []).map(resource), changes, file.relevant_attributes ?? []),
    deferred: (file.deferred_changes ?? []).map(({ reason = 'unknown', resource_change }) => ({
      ...resource(resource_change),
      waitsFor: reason,
    })),
    outputs: Object.entries(file.output_changes ?? {}).flatMap(([name, change]) => {
      const action = actionOf(change.actions);
      return action === 'no-op' ? [] : [{ name, action, change }];
    }),
    checks: checks(file.checks ?? []),
    errored: file.errored ?? false,
    counts,
    file,
  };
}

/** False when applying the plan would leave everything as it is. */
export const changesAnything = ({ file, changes, outputs, errored }: Plan): boolean =>
  file.applyable ?? (!errored && (outputs.length > 0 || changes.some(({ action }) => action !== 'read')));

/** What there was is gone afterwards. */
export const isLoss = ({ action, keepsOld }: ResourceChange): boolean =>
  action === 'destroy' || (action === 'replace' && !keepsOld);

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
  const pair = change.actions.length > 1;
  return {
    address,
    type,
    action: actionOf(change.actions),
    createFirst: pair && change.actions[0] === 'create',
    keepsOld: pair && change.actions.includes('forget'),
    importing: change.importing !== undefined,
    ...(previous_address !== undefined && previous_address !== address && { movedFrom: previous_address }),
    ...(deposed !== undefined && { deposed }),
    ...(action_reason !== undefined && { reason: action_reason }),
    change,
  };
}

const single = new Map<string, Action | 'no-op'>([
  ['no-op', 'no-op'],
  ['create', 'create'],
  ['read', 'read'],
  ['open', 'read'], // OpenTofu's ephemeral resources
  ['update', 'update'],
  ['delete', 'destroy'],
  ['forget', 'forget'],
]);

function actionOf(names: readonly string[]): Action | 'no-op' {
  if (names.length === 2 && names.includes('create')) return 'replace';
  const action = names.length === 1 ? single.get(names[0]?.toLowerCase() ?? '') : undefined;
  if (!action) {
    throw new UserError(
      `The plan has an action "${names.join(', ')}" that is not known here: use a newer version of this action`,
    );
  }
  return action;
}
