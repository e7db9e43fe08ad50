import { patiently } from '../../github/call.ts';
import { UserError } from '../../runner/errors.ts';

/** What a person's token must be allowed here. */
export const needed =
  'make a fine-grained token for this repository that may read and write Administration, Environments and Secrets, and read Actions and Contents, at https://github.com/settings/personal-access-tokens/new';

/** What `ask` says of a refusal ends with what to do about it; in a table that has its own place, and is told once. */
export function unread(unreadable: string): { says: string; rest: { todo?: string } } {
  const end = `: ${needed}`;
  return unreadable.endsWith(end)
    ? { says: unreadable.slice(0, -end.length), rest: { todo: needed } }
    : { says: unreadable, rest: {} };
}

class Absent extends UserError {}

/** Reads something that is there once the repository is. @throws UserError */
export async function ask<T>(
  to: string,
  work: (request: { signal: AbortSignal }) => Promise<{ data: T }>,
): Promise<T> {
  try {
    const purpose = { to, needs: 'administration: read', advice: needed };
    return (await patiently(purpose, work)).data;
  } catch (error) {
    if ((error as { status?: number }).status !== 404) throw error;
    throw new Absent(`GitHub shows the token nothing where it was to ${to}: ${needed}`);
  }
}

/** Undefined for what is not there. */
export const orAbsent = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch(error => {
    if (error instanceof Absent) return undefined;
    throw error;
  });

/** All pages of a list that says how long it is. */
export async function all<T>(fetch: (page: number) => Promise<{ total: number; items: T[] }>): Promise<T[]> {
  const found: T[] = [];
  for (let page = 1; ; page++) {
    const { total, items } = await fetch(page);
    found.push(...items);
    if (found.length >= total || items.length === 0) return found;
  }
}
