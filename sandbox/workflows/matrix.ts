import type { Job } from './workflow.ts';

export type Combination = Record<string, unknown>;

/**
 * The combinations of a matrix; one that is empty for a job without. `include` and `exclude` are not part of this.
 * @throws Error for what is not
 */
export function combinations(strategy: Job['strategy']): Combination[] {
  const { matrix = {} } = strategy ?? {};
  if (typeof matrix !== 'object')
    throw new Error(`A matrix is a mapping here, not ${JSON.stringify(matrix)}`);
  return Object.entries(matrix).reduce<Combination[]>(
    (before, [key, values]) => {
      if (key === 'include' || key === 'exclude' || !Array.isArray(values))
        throw new Error(`The sandbox does not expand "${key}" of a matrix`);
      return before.flatMap(each => values.map(value => ({ ...each, [key]: value })));
    },
    [{}],
  );
}
