import type { Plan, StateModule } from './model.ts';

/**
 * Every value that is marked as sensitive anywhere in a plan. Marks get lost on the way (a copy of a secret in another
 * resource has none), so the values themselves must be kept out of all that is shown.
 */
export function sensitiveValues({ file }: Plan): Set<string> {
  const found = new Set<string>();
  const changes = [
    ...[...(file.resource_changes ?? []), ...(file.resource_drift ?? [])].map(({ change }) => change),
    ...Object.values(file.output_changes ?? {}),
  ];
  for (const { before, after, before_sensitive, after_sensitive } of changes) {
    collect(before, before_sensitive, found);
    collect(after, after_sensitive, found);
  }
  for (const values of [file.prior_state?.values, file.planned_values]) {
    for (const { value, sensitive } of Object.values(values?.outputs ?? {})) collect(value, sensitive, found);
    if (values?.root_module) module(values.root_module, found);
  }
  const declared = file.configuration?.root_module?.variables ?? {};
  for (const [name, { value }] of Object.entries(file.variables ?? {})) {
    collect(value, declared[name]?.sensitive, found);
  }
  return found;
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
    for (const [key, below] of Object.entries(marks))
      collect((value as Record<string, unknown>)[key], below, found);
    return;
  }
  if (typeof value === 'object') for (const each of Object.values(value)) collect(each, true, found);
  else if (typeof value !== 'boolean') found.add(String(value));
}
