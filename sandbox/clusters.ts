import { type Argocd, startArgocd } from './argocd/start.ts';
import { type ControlPlane, restingControlPlane } from './control-plane/index.ts';
import type { Egress } from './egress.ts';
import type { ClusterHook } from './exoscale/index.ts';
import type { GitHub } from './github/index.ts';
import type { Internet } from './internet.ts';
import type { Images } from './node/images/index.ts';
import { type RealCluster, realCluster } from './node/index.ts';
import { reserve } from './reserve.ts';
import type { Run } from './run.ts';
import { tool } from './tools/build.ts';
import { upstreams } from './upstream/index.ts';

/** What stands behind the SKS clusters that Exoscale's stand-in is asked for. */
export interface Clusters<Plane extends ControlPlane = ControlPlane> extends ClusterHook {
  /** By the cluster's id. */
  get(id: string): Plane | undefined;
  named(name: string): Plane | undefined;
  /** Starts so many before they are asked for. */
  prepare(count: number): void;
}

/** Good for as long as any sandbox stays up. */
const argocdSubject = { user: 'argocd', groups: ['system:masters'], ttlSeconds: 7 * 24 * 60 * 60 };

/** Control planes without machines; kwok plays nodes and pods, and a stand-in of ours Argo CD. */
export function playedClusters(run: Run, hub: GitHub, egress: () => Egress): Clusters {
  let mirrored: Promise<void> | undefined;
  let argocd: Promise<Argocd> | undefined;
  const openArgocd = async () => startArgocd(run, await tool('kubectl'), egress().environment);
  return clusters({
    async start(name) {
      mirrored ??= mirrorUpstreams(hub);
      const [plane] = await Promise.all([restingControlPlane(run, { name }), mirrored]);
      return plane;
    },
    // Not ahead, where it would be in the way of what goes on then: whoever asks for a cluster looks only every three seconds
    // whether it is there.
    async begin(id, plane) {
      argocd ??= openArgocd();
      const [playing] = await Promise.all([argocd, plane.wake()]);
      await playing.play(id, await plane.kubeconfig(argocdSubject));
    },
    async ending(id) {
      await (await argocd)?.stop(id);
    },
  });
}

/** Clusters with a real node each, on which Argo CD, Traefik and the services are pods. */
export function realClusters(
  run: Run,
  hub: GitHub,
  internet: Internet,
  images: () => Promise<Images>,
  egress: () => Egress,
): Clusters<RealCluster> {
  let mirrored: Promise<void> | undefined;
  return clusters({
    async start(name) {
      mirrored ??= mirrorUpstreams(hub);
      const names = Object.fromEntries(egress().names.map(host => [host, internet.address]));
      const [plane] = await Promise.all([
        images().then(images => realCluster(run, { name, images, names })),
        mirrored,
      ]);
      return plane;
    },
    async begin() {},
    async ending() {},
  });
}

interface Maker<Plane> {
  /** @param name unique in the run */
  start(name: string): Promise<Plane>;
  /** When it becomes somebody's cluster. */
  begin(id: string, plane: Plane): Promise<void>;
  /** Before its control plane goes. */
  ending(id: string): Promise<void>;
}

function clusters<Plane extends ControlPlane>({ start, begin, ending }: Maker<Plane>): Clusters<Plane> {
  const planes = reserve(number => start(`cluster-${number}`));
  const made = new Map<string, { name: string; plane: Plane }>();
  const plane = (id: string): Plane => {
    const cluster = made.get(id);
    if (!cluster) throw new Error(`No control plane stands behind the cluster ${id}`);
    return cluster.plane;
  };
  return {
    async create(name, { id }) {
      const plane = await planes.take();
      await begin(id, plane).catch(async error => {
        await plane.stop();
        throw error;
      });
      made.set(id, { name, plane });
      return plane;
    },
    async delete(id) {
      await ending(id);
      await made.get(id)?.plane.stop();
      made.delete(id);
    },
    kubeconfig: (id, subject) => plane(id).kubeconfig(subject),
    scale: (id, pool, names) => plane(id).setNodes(pool, names),
    get: id => made.get(id)?.plane,
    named: name => [...made.values()].find(cluster => cluster.name === name)?.plane,
    prepare: planes.fill,
  };
}

/** What installs Argo CD fetches it from its repository, and so does Argo CD itself. */
async function mirrorUpstreams(hub: GitHub): Promise<void> {
  for (const { repository, folder, tag } of await upstreams()) await hub.mirror(repository, folder, tag);
}
