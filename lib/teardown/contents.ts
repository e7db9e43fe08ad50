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

export async function contents(cluster: Kubectl): Promise<Contents> {
  const [services, claims, volumes] = await Promise.all([
    cluster.list<Service>('services'),
    cluster.list('persistentvolumeclaims'),
    cluster.list<Volume>('persistentvolumes'),
  ]);
  return {
    applications: await listed(cluster),
    sets: await unless('UnknownResource', cluster.list('applicationsets.argoproj.io'), []),
    balancers: services.filter(({ spec }) => spec?.type === 'LoadBalancer'),
    claims,
    volumes,
  };
}

/** None where Argo CD is not installed. */
export const listed = (cluster: Kubectl): Promise<Application[]> =>
  unless('UnknownResource', cluster.list<Application>(applications), []);

/** The ids under which Exoscale knows the volumes: its CSI driver writes them as `zone/id`. */
export const volumeIds = ({ volumes }: Contents): string[] =>
  volumes.flatMap(({ spec }) => spec?.csi?.volumeHandle?.split('/').at(-1) ?? []);
