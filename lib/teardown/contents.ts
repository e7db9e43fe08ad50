import { type Application, applications } from '../cluster/application.ts';
import { type Kubectl, type KubeObject, unless } from '../kubectl/kubectl.ts';

/** What must go before the cluster: Argo CD would bring it back, or Exoscale would go on billing for it. */
export interface Contents {
  applications: Application[];
  /** They make Applications again that are deleted under them. */
  sets: KubeObject[];
  balancers: Service[];
  claims: KubeObject[];
  volumes: Volume[];
}

type Service = KubeObject<{ type?: string }>;

export type Volume = KubeObject<{
  persistentVolumeReclaimPolicy?: string;
  claimRef?: unknown;
  csi?: { volumeHandle?: string };
}>;

const sets = 'applicationsets.argoproj.io';
const billed = ['services', 'persistentvolumeclaims', 'persistentvolumes'];

/** In one look: kubectl starts once and asks for them one after the other. */
export async function contents(cluster: Kubectl): Promise<Contents> {
  const all = cluster.list([applications, sets, ...billed].join());
  const found = await unless('UnknownResource', all, undefined);
  if (found) return sorted(found);
  const some = [applications, sets].map(kind => unless('UnknownResource', cluster.list(kind), []));
  return sorted([...(await Promise.all(some)).flat(), ...(await cluster.list(billed.join()))]);
}

/** Without what Argo CD has. */
export const billedContents = async (cluster: Kubectl): Promise<Contents> =>
  sorted(await cluster.list(billed.join()));

function sorted(objects: readonly KubeObject[]): Contents {
  const of = <T extends KubeObject>(kind: string) => objects.filter(each => each.kind === kind) as T[];
  return {
    applications: of<Application>('Application'),
    sets: of('ApplicationSet'),
    balancers: of<Service>('Service').filter(({ spec }) => spec?.type === 'LoadBalancer'),
    claims: of('PersistentVolumeClaim'),
    volumes: of<Volume>('PersistentVolume'),
  };
}

/** None where Argo CD is not installed. */
export const listed = (cluster: Kubectl): Promise<Application[]> =>
  unless('UnknownResource', cluster.list<Application>(applications), []);

/** The ids under which Exoscale knows the volumes: its CSI driver writes them as `zone/id`. */
export const volumeIds = ({ volumes }: Contents): string[] =>
  volumes.flatMap(({ spec }) => spec?.csi?.volumeHandle?.split('/').at(-1) ?? []);
