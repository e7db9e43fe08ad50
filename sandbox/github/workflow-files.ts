import type { Repository } from './world.ts';

export interface WorkflowFile {
  /** `.github/workflows/deploy.yml` */
  path: string;
  text: string;
}

/** The workflows' files as they are at a revision. */
export async function workflowFiles({ objects }: Repository, revision: string): Promise<WorkflowFile[]> {
  const folder = await objects.entry(revision, '.github/workflows');
  if (folder?.type !== 'tree') return [];
  const files = (await objects.tree(folder.sha)).filter(({ path }) => /\.ya?ml$/.test(path));
  const texts = await objects.blobs(files.map(({ sha }) => sha));
  return files.map(({ path, sha }) => ({
    path: `.github/workflows/${path}`,
    text: texts.get(sha)?.toString() ?? '',
  }));
}
