import type { Kubectl, Manifest } from '../kubectl/kubectl.ts';
import type { Runner } from '../runner/runner.ts';
import { type Application, revision, shortcomings } from './application.ts';
import { climb, type Deadline } from './ladder.ts';
import { line } from './render.ts';
import { deployed, nodes, rollouts } from './rungs.ts';

/**
 * Waits for nodes, for Argo CD's own rollouts, then for every Application, and tells of each when it has arrived.
 * @returns the root Application and all below it
 */
export async function settle(
  runner: Runner,
  cluster: Kubectl,
  manifests: readonly Manifest[],
  root: Application,
  deadline: Deadline,
): Promise<Application[]> {
  const told = new Set<string>();
  let latest: Application[] = [];
  const tell = (found: Application[]) => {
    latest = found;
    for (const application of found.filter(each => shortcomings(each).length === 0)) {
      const news = `${application.metadata.name} ${revision(application)}`;
      if (!told.has(news)) runner.info(line(application));
      told.add(news);
    }
  };
  const rungs = [nodes(cluster), rollouts(cluster, 'Argo CD', manifests), deployed(cluster, root, tell)];
  await climb(runner, rungs, deadline);
  return latest;
}
