import { join } from 'node:path';
import type { Job } from './workflow.ts';

/** Somebody else's actions that the workflows here use, and what does their job here. */
const folders: Record<string, string> = {
  'actions/checkout': 'checkout',
  'actions/upload-artifact': 'upload-artifact',
  'hashicorp/setup-terraform': 'setup-terraform',
};

/**
 * Where act finds the actions of a job: `{ 'actions/checkout@SHA': folder }`.
 * @throws Error for one that nothing here plays
 */
export function foreignActions({ steps = [] }: Job): Record<string, string> {
  const used = steps.flatMap(({ uses }) => (uses === undefined || uses.startsWith('./') ? [] : [uses]));
  return Object.fromEntries(
    used.map(uses => {
      const folder = folders[uses.replace(/@.*/, '')];
      if (!folder)
        throw new Error(
          `Nothing in the sandbox plays ${uses}, and nothing can be fetched: teach it in sandbox/workflows/foreign`,
        );
      return [uses, join(import.meta.dirname, 'foreign', folder)];
    }),
  );
}
