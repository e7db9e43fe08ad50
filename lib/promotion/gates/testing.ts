import { readPin } from '../pin.ts';
import { type Move, takeOver } from '../plan.ts';
import type { Application } from './application.ts';
import { type Candidate, candidate } from './candidate.ts';

export const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
export const repository = 'ghcr.io/acme/ui';

/** What takes a pin of `ui` from one revision and image to another. */
export function moveOf(before: Pinned, after: Pinned): Move {
  const [source, target] = [after, before].map(({ revision, image }, index) => {
    const text = `kind: Application\nspec: { source: { targetRevision: ${revision}, kustomize: { images: ["${image}"] } } }\n`;
    return readPin('ui', `${index}/ui.yaml`, Buffer.from(text));
  });
  const [move] = source && target ? takeOver([source], [target]).moves : [];
  if (!move) throw new Error('Nothing moves between these two');
  return move;
}

interface Pinned {
  revision: string;
  image: string;
}

export const candidateOf = (before: Pinned, after: Pinned): Candidate =>
  candidate(moveOf(before, after), repository);

/** An Application that has been healthy since noon at a revision and an image. */
export function application(revision: string, image: string): Application {
  const source = { targetRevision: revision };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'ui', namespace: 'argocd' },
    spec: { source: { ...source } },
    status: {
      sync: { status: 'Synced', revision, comparedTo: { source } },
      health: { status: 'Healthy', lastTransitionTime: '2026-11-27T12:00:00Z' },
      summary: { images: [image] },
      history: [{ revision, deployedAt: '2026-11-27T11:58:00Z' }],
      operationState: { phase: 'Succeeded', finishedAt: '2026-11-27T11:58:00Z' },
    },
  };
}
