import type { Plan, StateModule, StateValues } from './model.ts';
import { jsonOf } from './view/inner.ts';
import { part } from './view/values.ts';

/**
 * Every value that is marked as sensitive anywhere in a plan. Marks get lost on the way (a copy of a secret in another
 * resource has none), so the values themselves must be kept out of all that is shown. Of a text that is JSON, what is in
 * it as well.
 */
export function sensitiveValues({ file }: Plan): Set<string> {
  const found = new Set<string>();
  const resources = [
    ...(file.resource_changes ?? []),
    ...(file.resource_drift ?? []),
    ...(file.deferred_changes ?? []).map(({ resource_change }) => resource_change),
  ];
  for (const { change } of [
    ...resources,
    ...Object.values(file.output_changes ?? {}).map(change => ({ change })),
  ]) {
    collect(change.before, change.before_sensitive, found);
    collect(change.after, change.after_sensitive, found);
  }
  for (const { config_values, config_sensitive } of file.action_invocations ?? [])
    collect(config_values, config_sensitive, found);
  for (const values of [file.prior_state?.values, file.planned_values]) state(values, found);
  const declared = file.configuration?.root_module?.variables ?? {};
  for (const [name, { value }] of Object.entries(file.variables ?? {})) {
    collect(value, part(part(declared, name), 'sensitive'), found);
  }
  return found;
}

/** The same of a state, as `terraform show -json` prints it. */
export function sensitiveInState(values: StateValues | undefined): Set<string> {
  const found = new Set<string>();
  state(values, found);
  return found;
}

function state(values: StateValues | undefined, found: Set<string>): void {
  for (const { value, sensitive } of Object.values(values?.outputs ?? {})) collect(value, sensitive, found);
  if (values?.root_module) module(values.root_module, found);
}

function module({ resources = [], child_modules = [] }: StateModule, found: Set<string>): void {
  for (const { values, sensitive_values } of resources) collect(values, sensitive_values, found);
  for (const child of child_modules) module(child, found);
}

/** @param marks `true` covers all below it; otherwise an object or list like the value, `{}` and `false` where nothing is */
function collect(value: unknown, marks: unknown, found: Set<string>): void {
  if (!marks || value === null || value === undefined) return;
  if (marks !== true) {
    if (typeof marks !== 'object' || typeof value !== 'object') return;
    for (const [key, below] of Object.entries(marks)) collect(part(value, key), below, found);
    return;
  }
  if (typeof value === 'object') for (const each of Object.values(value)) collect(each, true, found);
  else if (typeof value !== 'boolean') {
    const text = String(value);
    if (found.has(text)) return;
    found.add(text);
    collect(jsonOf(text)?.value, true, found);
  }
}
