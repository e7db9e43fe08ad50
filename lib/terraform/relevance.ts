import type { PlanFile, ResourceChange } from './model.ts';
import { differences } from './view/diff.ts';

type Attributes = NonNullable<PlanFile['relevant_attributes']>;

/**
 * Of what has changed outside of Terraform, the part that matters to the plan: resources that it does something about,
 * and attributes that its changes follow from. A row that has a new address and nothing else is none.
 */
export function relevantDrift(
  drift: readonly ResourceChange[],
  changes: readonly ResourceChange[],
  attributes: Attributes,
): ResourceChange[] {
  if (drift.length === 0) return [];
  const answered = new Set(changes.map(({ address }) => address));
  const followed = Map.groupBy(attributes, ({ resource }) => resource);
  return drift.filter(
    row =>
      row.action !== 'no-op' &&
      !isEmpty(row) &&
      (answered.has(row.address) || followed.get(row.address)?.some(each => touches(row, each.attribute))),
  );
}

/** Providers read back `{}` where they were given nothing: that is no change. */
const isEmpty = ({ action, change: { before, after } }: ResourceChange): boolean =>
  action === 'update' && substance(before) === substance(after);

const substance = (value: unknown): string =>
  JSON.stringify(value ?? null, (_, each) => {
    if (typeof each === 'bigint') return String(each);
    return each === null || (typeof each === 'object' && Object.keys(each).length === 0) ? undefined : each;
  });

const touches = ({ action, change }: ResourceChange, attribute: Attributes[number]['attribute']): boolean =>
  action === 'destroy' ||
  differences(change).some(({ keys }) =>
    keys.every((key, index) => index >= attribute.length || String(attribute[index]) === String(key)),
  );
