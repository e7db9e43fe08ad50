import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment, Run } from '../run.ts';

export interface Argocd {
  /** Plays Argo CD for one more cluster; the kubeconfig must be good for as long as this runs. */
  play(id: string, kubeconfig: string): Promise<void>;
  stop(id: string): Promise<void>;
}

/** The stand-in as a process of the run (process.ts), for any number of clusters. */
export async function startArgocd(run: Run, kubectl: string, env: Environment): Promise<Argocd> {
  const folder = join(run.folder, 'argocd');
  const clusters = join(folder, 'clusters');
  await mkdir(clusters, { recursive: true, mode: 0o700 });
  const entry = join(import.meta.dirname, 'process.ts');
  await run.start('argocd', process.execPath, [entry, clusters, join(folder, 'work'), kubectl], { env });
  return {
    async play(id, kubeconfig) {
      const incomplete = join(folder, id);
      await writeFile(incomplete, kubeconfig, { mode: 0o600 });
      await rename(incomplete, join(clusters, id));
    },
    stop: id => rm(join(clusters, id), { force: true }),
  };
}
