import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Subject } from '../certificates.ts';
import { makeCgroup, removeCgroup } from '../cgroups.ts';
import { kubeconfig } from '../control-plane/kubeconfig.ts';
import type { Kubernetes } from '../control-plane/kubernetes.ts';
import { poolLabel } from '../control-plane/nodes.ts';
import type { Run } from '../run.ts';
import { tool } from '../tools/build.ts';
import { kubeletConfig, kubeletFlags, kubeProxyFlags, machineFiles } from './config.ts';
import { type Machine, openMachine } from './machine.ts';
import type { Network } from './network.ts';
import { plant } from './template.ts';

/** What a node needs to know of its cluster. */
export interface Cluster {
  run: Run;
  name: string;
  plane: Kubernetes;
  network: Network;
  registry: string;
  /** See `template`. */
  template: string;
  /** Relative to the root of each hierarchy; all pods run below it. */
  cgroup: string;
}

export interface Node {
  pool: string;
  name: string;
  /** Ends it, with the pods on it and its machine, and signs it off. */
  stop(): Promise<void>;
}

const ninetyDays = 90 * 24 * 60 * 60;

/** Boots the machine of a node to come: it has the images and a container runtime, and knows no cluster yet. */
export async function bootMachine(cluster: Cluster): Promise<Machine> {
  const { run, name, plane, network, cgroup } = cluster;
  const folder = join(plane.folder, 'node');
  makeCgroup(cgroup);
  await plant(cluster.template, join(folder, 'var/lib/containerd'));
  const machine = await openMachine(run, { name, folder, enter: network.enter });

  async function stop(): Promise<void> {
    await machine.stop();
    await removeCgroup(cgroup);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  try {
    await Promise.all(
      Object.entries(machineFiles(network, cluster.registry)).map(file => machine.write(...file)),
    );
    return { ...machine, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Joins a machine to its cluster; resolves when the node is Ready. When it does not get there, the machine is ended. */
export async function startNode(
  cluster: Cluster,
  machine: Machine,
  pool: string,
  name: string,
): Promise<Node> {
  const { plane, network } = cluster;
  async function stop(): Promise<void> {
    await machine.stop();
    await plane.api('DELETE', `/api/v1/nodes/${name}`);
  }
  try {
    await machine.execute('hostname', name);
    await writeIdentities(cluster, name);
    const ready = async () => {
      const { status, body } = await plane.api<NodeObject>('GET', `/api/v1/nodes/${name}`);
      const condition = body.status?.conditions?.find(({ type }) => type === 'Ready');
      if (condition?.status !== 'True')
        throw new Error(condition?.message ?? `the API server answers ${status}`);
    };
    const options = { folder: plane.folder, name, address: network.node, pods: network.pods };
    const label = `${poolLabel}=${pool}`;
    await machine.start('kubelet', await tool('kubelet'), kubeletFlags({ ...options, label }), ready);
    await machine.start('kube-proxy', await tool('kube-proxy'), kubeProxyFlags(options));
    return { pool, name, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface NodeObject {
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

/** Who the two are to the API server, and the kubelet to whoever asks it for logs. */
async function writeIdentities({ name, plane, network, cgroup }: Cluster, node: string): Promise<void> {
  const { authority, endpoint, write, folder } = plane;
  const subjects: Record<string, Subject> = {
    kubelet: { user: `system:node:${node}`, groups: ['system:nodes'], ttlSeconds: ninetyDays },
    'kube-proxy': { user: 'system:kube-proxy', groups: [], ttlSeconds: ninetyDays },
  };
  for (const [file, subject] of Object.entries(subjects)) {
    const pair = await authority.client(subject);
    write(`${file}.yaml`, kubeconfig(name, endpoint, authority.certificate, subject.user, pair));
  }
  const server = await authority.server([network.node, node]);
  write('kubelet.pem', server.certificate);
  write('kubelet-key.pem', server.key);
  write('kubelet-config.yaml', kubeletConfig({ folder, cgroup, dns: network.dns }));
}
