import { UserError } from '../runner/errors.ts';

/** What one run does. */
export type Kind = 'announce' | 'take-over' | 'rollback' | 'pause' | 'resume' | 'release' | 'files';

/**
 * Which inputs each kind of run looks at, beside those that say where: any other one would be asked for in vain. Keys are none
 * of them, as they may stand in the environment for other commands.
 */
const looksAt = {
  announce: ['environment', 'service', 'image', 'revision', 'downgrade', 'hotfix'],
  'take-over': ['environment', 'service', 'downgrade', 'hotfix', 'kubeconfig'],
  rollback: ['environment', 'rollback', 'service', 'reason'],
  pause: ['environment', 'pause', 'reason'],
  resume: ['environment', 'resume'],
  release: ['environment', 'release'],
  files: ['file', 'image', 'revision', 'helm'],
} as const satisfies Record<Kind, readonly string[]>;

type Name = (typeof looksAt)[Kind][number];
const names = [...new Set(Object.values(looksAt).flat())] satisfies Name[];

/** What was given of them: a flag is given when it is true. */
export type Given = { readonly [Input in Name]?: string | boolean | undefined };

export const byHand = ['rollback', 'pause', 'resume', 'release'] as const;

/** What was given and would be looked at by nobody, in a sentence. */
export function strays(kind: Kind, given: Given, subject: string): UserError[] {
  const known: readonly Name[] = looksAt[kind];
  const found = names.filter(
    name => given[name] !== undefined && given[name] !== false && !known.includes(name),
  );
  if (found.length === 0) return [];
  const words = found.join(', ');
  return [new UserError(`The inputs ${words} and ${subject} do not go together: leave ${words} out`)];
}
