import { type Kubectl, type Manifest, title, unless } from '../kubectl/kubectl.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { type Application, applications, shortcomings, state } from './application.ts';
import { climb, type Deadline, type Rung } from './ladder.ts';
import type { Wish } from './manifests.ts';
import { nudging } from './nudge.ts';
import { argocdVersions, isController, skew } from './versions.ts';
import type { Workload } from './workload.ts';

/**
 * Warns of versions that are too far from each other. When Argo CD in the cluster is newer than the pin and up, it is waited
 * for: the run that deploys a revert comes before Argo CD has seen it.
 * @param deadline none in a dry run, which neither asks nor waits
 * @throws UserError, NotInTime when the cluster's Argo CD would become an older one
 */
export async function checkVersions(
  runner: Runner,
  cluster: Kubectl,
  { manifests, root }: Wish,
  deadline?: Deadline,
): Promise<void> {
  const [versions, live] = await Promise.all([cluster.versions(), controllers(cluster, manifests)]);
  const judge = (found: Workload[]) => skew({ ...versions, ...argocdVersions(manifests, found) });
  const { warnings, refusal } = judge(live);
  for (const each of warnings) runner.warning(each);
  if (refusal === undefined) return;
  const isUp = live.some(({ status }) => (status?.availableReplicas ?? 0) > 0);
  if (!deadline || !isUp) throw new UserError(refusal);
  const refused = async () => judge(await controllers(cluster, manifests)).refusal;
  await climb(runner, [goingBack(cluster, root, refused)], deadline);
}

const controllers = async (cluster: Kubectl, manifests: readonly Manifest[]): Promise<Workload[]> =>
  (await cluster.live(manifests.filter(({ object }) => isController(object)))) as Workload[];

/** Argo CD going back by itself. Its branch pins the newer one when it has looked, is content, and is still that. */
function goingBack(cluster: Kubectl, root: Application, refused: () => Promise<string | undefined>): Rung {
  const { name, namespace = 'argocd' } = root.metadata;
  const nudge = nudging(cluster, namespace);
  return {
    name: 'Argo CD to go back to the version of the manifests',
    async look() {
      const list = cluster.list<Application>(applications, { namespace });
      const all = await unless('UnknownResource', list, []);
      const asked = all.filter(each => each.metadata.name === name || bringsArgoCd(each));
      await nudge(asked);
      // Asked for last: what was content before that has nothing left to do.
      const refusal = await refused();
      if (refusal === undefined) return [];
      const waited = asked.filter(each => shortcomings(each).length > 0);
      if (waited.length === 0 || !asked.some(bringsArgoCd)) throw new UserError(refusal);
      return waited.map(each => ({
        ...{ what: title(each), state: state(each) },
        why: [...shortcomings(each), refusal],
      }));
    },
  };
}

const bringsArgoCd = ({ status }: Application): boolean =>
  (status?.resources ?? []).some(({ kind, name }) => isController({ kind, metadata: { name } }));
