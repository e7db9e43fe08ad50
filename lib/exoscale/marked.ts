import type { Leftover } from './leftovers.ts';
import { type Operation, settled } from './operations.ts';
import { type Machine, NotFound, type Send } from './request.ts';

/** What Terraform writes on everything that it makes for an environment: labels, or a description where there are none. */
export interface Mark {
  labels: Record<string, string>;
  description: string;
}

interface Marked {
  name?: string;
  labels?: Record<string, string>;
  description?: string;
  nodepools?: { id: string; name: string }[];
}

/** A name alone proves nothing, and what may hold data is not in here: no database, no volume. */
const paths: Partial<Record<Leftover['kind'], string>> = {
  'SKS cluster': 'sks-cluster',
  'load balancer': 'load-balancer',
  'security group': 'security-group',
  'anti-affinity group': 'anti-affinity-group',
};

/**
 * Reads a thing once more and deletes it if it carries the mark.
 * @returns whether it is gone
 */
export async function removeMarked(
  send: Send,
  machine: Machine,
  { kind, id, name }: Leftover,
  mark: Mark,
): Promise<boolean> {
  const path = paths[kind];
  if (!path) return false;
  try {
    const found = await send<Marked>('GET', `/${path}/${id}`);
    if (!carriesMark(found, mark)) return false;
    for (const pool of found.nodepools ?? [])
      await remove(`/${path}/${id}/nodepool/${pool.id}`, `the node pool ${pool.name} of ${name}`);
    await remove(`/${path}/${id}`, `the ${kind} ${name} (${id})`);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error; // gone meanwhile
  }
  return true;

  async function remove(path: string, what: string): Promise<void> {
    const begun = await send<Operation>('DELETE', path, { repeatable: true });
    await settled(send, machine, begun, `delete ${what}`);
  }
}

export const carriesMark = ({ labels = {}, description }: Marked, mark: Mark): boolean =>
  description === mark.description ||
  Object.entries(mark.labels).every(([label, value]) => labels[label] === value);
