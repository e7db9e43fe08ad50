import type { ProductWrite } from '../api/types.ts';

export type Field = keyof ProductWrite;
export const fields: Field[] = ['name', 'description', 'category', 'priceMinor', 'imageUrl'];

export interface Difference {
  field: Field;
  /** As it was when the form was opened. */
  base: ProductWrite[Field];
  mine: ProductWrite[Field];
  theirs: ProductWrite[Field];
}

/** What somebody else has changed since the form was opened. Where both say the same there is nothing to decide. */
export const conflicts = (base: ProductWrite, mine: ProductWrite, theirs: ProductWrite): Difference[] =>
  fields
    .filter(field => theirs[field] !== base[field] && theirs[field] !== mine[field])
    .map(field => ({ field, base: base[field], mine: mine[field], theirs: theirs[field] }));

/** What only they have changed is taken in silence; where both did, `keep` says whose it is. */
export function merge(
  base: ProductWrite,
  mine: ProductWrite,
  theirs: ProductWrite,
  keep: Partial<Record<Field, 'mine' | 'theirs'>>,
): ProductWrite {
  const chosen = fields.map(field => {
    const untouched = mine[field] === base[field];
    const side = keep[field] ?? (untouched ? 'theirs' : 'mine');
    return [field, (side === 'mine' ? mine : theirs)[field]];
  });
  return Object.fromEntries(chosen) as ProductWrite;
}
