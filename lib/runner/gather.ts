import { UserError, UserErrors } from './errors.ts';

/** Collects what users have to mend, so that all of it is told at once. */
export interface Gathering {
  readonly errors: readonly UserError[];
  /** What work gives; undefined when it failed with something to mend. */
  attempt<T>(work: () => T): T | undefined;
  /** @throws whatever is no UserError: a bug is told as it is, and alone */
  add(error: unknown): void;
  /** @throws UserErrors, or the only UserError, when there is something to mend */
  tell(): void;
}

export function gathering(): Gathering {
  const errors: UserError[] = [];
  const add = (error: unknown) => {
    if (error instanceof UserErrors) errors.push(...error.errors);
    else if (error instanceof UserError) errors.push(error);
    else throw error;
  };
  return {
    errors,
    add,
    attempt(work) {
      try {
        return work();
      } catch (error) {
        add(error);
        return undefined;
      }
    },
    tell() {
      if (errors.length > 1) throw new UserErrors(errors);
      if (errors[0]) throw errors[0];
    },
  };
}

/**
 * Waits for all of it, also when something fails: children of ours still write into their folders then.
 * @throws UserErrors with everything that has failed
 */
export async function whole<T extends readonly unknown[]>(
  work: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(work);
  const { add, tell } = gathering();
  for (const each of settled) if (each.status === 'rejected') add(each.reason);
  tell();
  return settled.map(each => 'value' in each && each.value) as never;
}
