import { userErrors } from '../runner/errors.ts';
import type { Change } from './change.ts';

/**
 * `missing` and `wrong` keep the platform from working, `warning` does not. `unknown` could not be read, and nothing is
 * written that would depend on it.
 */
export type State = 'ok' | 'missing' | 'wrong' | 'warning' | 'unknown';

/** One check: a line of the table. */
export interface Row {
  area: 'GitHub' | 'Exoscale' | 'Cloudflare' | 'Services' | 'This machine';
  name: string;
  state: State;
  /** What is there, or what is wrong with it; completes "name: …". */
  says: string;
  /** What a person has to do: a command or a link. What `changes` do is not repeated. */
  todo?: string;
  /** What `--apply` does about it. */
  changes: Change[];
}

type Rest = Partial<Pick<Row, 'todo' | 'changes'>>;

/** Makes the rows of one area. */
export const rowsOf =
  (area: Row['area']) =>
  (name: string, state: State, says: string, { changes = [], todo }: Rest = {}): Row => ({
    ...{ area, name, state, says, changes },
    ...(todo !== undefined && { todo }),
  });

export const isProblem = ({ state }: Row): boolean => state === 'missing' || state === 'wrong';

/** What was read, or why it could not be. */
export type Reading<T> = { value: T } | { unreadable: string };

/** @throws what is no UserError: a bug is told as it is */
export async function reading<T>(work: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    const problems = userErrors(error).map(({ message }) => message);
    return { unreadable: problems.join('; ') };
  }
}

/** `a`, `a and b`, `a, b and c`. */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** What to do about variables that the terminal does not have. */
export const toExport = (variables: readonly string[]): string =>
  `export ${variables.map(name => `${name}=…`).join(' ')}: docs/getting-started.md#4-make-the-keys says with which rights`;
