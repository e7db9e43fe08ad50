import type { Subject } from '../certificates.ts';
import type { Run } from '../run.ts';
import type { Api } from './api.ts';
import * as flags from './flags.ts';
import { apiServer, startControllers } from './kubernetes.ts';
import { setNodes } from './nodes.ts';

export interface ControlPlane {
  /** `https://ADDRESS:PORT` */
  endpoint: string;
  /** The authority that signs the server's and all clients' certificates, in PEM. */
  ca: string;
  /** As YAML, with the certificates in it; when its time is over it opens nothing any more. */
  kubeconfig(subject: Subject): Promise<string>;
  /** The API as a member of `system:masters`. */
  api: Api;
  /** Makes the nodes of a pool exactly these; with none, the pool is gone. */
  setNodes(pool: string, names: string[]): Promise<void>;
  /** Ends it, with all that was in it. */
  stop(): Promise<void>;
}

/** One whose controllers are not started yet. */
interface RestingControlPlane extends ControlPlane {
  /** Starts them: from then on something comes of what is created in it. */
  wake(): Promise<void>;
}

/**
 * A real Kubernetes without machines: etcd, API server, controller manager and scheduler, with kwok in the place of the
 * kubelets. Only the API server listens on a port; etcd is behind a socket in the run's folder.
 */
export async function controlPlane(run: Run, options: { name: string }): Promise<ControlPlane> {
  const { wake, ...plane } = await restingControlPlane(run, options);
  await wake();
  return plane;
}

/** The part of it that takes longest to start. */
export async function restingControlPlane(
  run: Run,
  { name }: { name: string },
): Promise<RestingControlPlane> {
  const place = { name, address: '127.0.0.1', aliases: [], enter: [], apiServer: flags.withoutNodes };
  const kubernetes = await apiServer(run, place);
  const { endpoint, api, authority, kubeconfig, start, stop } = kubernetes;
  return {
    ...{ endpoint, api, kubeconfig, stop },
    ca: authority.certificate,
    setNodes: (pool, names) => setNodes(api, pool, names),
    async wake() {
      await Promise.all([startControllers(kubernetes), start('kwok', flags.kwok)]);
    },
  };
}
