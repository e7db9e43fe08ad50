import { basename } from 'node:path';
import type { ControlPlane } from '../control-plane/index.ts';
import { type Kubernetes, kubernetes, type Place } from '../control-plane/kubernetes.ts';
import type { Run } from '../run.ts';
import { hostsFile, installCoreDns, namesFile } from './coredns.ts';
import { coredns } from './images/coredns.ts';
import type { Images } from './images/index.ts';
import type { Machine } from './machine.ts';
import { type Network, openNetwork } from './network.ts';
import { bootMachine, type Cluster, type Node, startNode } from './node.ts';
import { openRegistry, type Registry } from './registry.ts';
import { template } from './template.ts';

export interface RealCluster extends ControlPlane {
  /** Where node ports and host ports answer, and the API server; pods and cluster addresses are reached directly. */
  nodeAddress: string;
  /** This side's address as pods see it: what listens on it here, they can reach. */
  hostAddress: string;
  /**
   * Makes these the names of the outside world that pods can resolve, with their IPv4 addresses. The cluster's own names
   * are always there, all others do not exist. In force after a second; an answer that somebody has is good for five.
   */
  setNames(names: Record<string, string>): Promise<void>;
}

export interface RealClusterOptions {
  name: string;
  /** What its node can pull; clusters may share them. */
  images: Images;
  names?: Record<string, string>;
}

/**
 * A real Kubernetes with a real node: the control plane in a network namespace of its own, and in there a machine in which
 * containerd, kubelet and kube-proxy run pods. Needs Linux and root; `doctor` says what is missing.
 *
 * A pool may have as many names as it likes, but a cluster has one machine: the first name of the first pool is its node. It
 * joins when the pool appears, under that name and with that pool's label, and is gone when the name is.
 */
export async function realCluster(run: Run, options: RealClusterOptions): Promise<RealCluster> {
  const { name, images } = options;
  let names = options.names ?? {};
  const network = await openNetwork(run, name);
  let registry: Registry | undefined;
  let plane: Kubernetes | undefined;
  let machine: Machine | undefined;
  let node: Node | undefined;

  async function stop(): Promise<void> {
    await (node ?? machine)?.stop().catch(() => {}); // the API server may be gone already
    await Promise.all([plane?.stop(), registry?.close(), network.stop()]);
  }
  async function start() {
    registry = await openRegistry(images, network.host);
    plane = await kubernetes(run, place(name, network));
    await installCoreDns(plane.api, coredns.reference, network.dns);
    const cgroup = `${basename(run.folder)}/${name}`; // below the run's, which goes with the run
    const all = { run, name, plane, network, registry: registry.url, template: await template(run), cgroup };
    machine = await boot(all); // nodes are waited for, so it is there before one is wanted
    return all;
  }
  async function boot(cluster: Cluster): Promise<Machine> {
    const machine = await bootMachine(cluster);
    await machine.write(namesFile, hostsFile(names));
    return machine;
  }
  const cluster = await start().catch(async error => {
    await stop();
    throw error;
  });

  async function setNodes(pool: string, wanted: string[]): Promise<void> {
    if (node?.pool === pool && !wanted.includes(node.name)) {
      await node.stop();
      node = machine = undefined;
    }
    const [first] = wanted;
    if (node || first === undefined) return;
    machine ??= await boot(cluster);
    try {
      node = await startNode(cluster, machine, pool, first);
    } catch (error) {
      machine = undefined; // it has been ended
      throw error;
    }
  }

  // One after the other: a pool may be told of its next size while its node boots.
  let last: Promise<unknown> = Promise.resolve();
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  }
  return {
    endpoint: cluster.plane.endpoint,
    ca: cluster.plane.authority.certificate,
    kubeconfig: cluster.plane.kubeconfig,
    api: cluster.plane.api,
    nodeAddress: network.node,
    hostAddress: network.host,
    setNodes: (pool, wanted) => inTurn(() => setNodes(pool, wanted)),
    setNames: wanted =>
      inTurn(async () => {
        names = wanted;
        await machine?.write(namesFile, hostsFile(names));
      }),
    stop: () => inTurn(stop),
  };
}

/** Where a control plane in a network of its own runs. */
export const place = (name: string, network: Network): Place => ({
  name,
  address: network.node,
  port: 6443,
  aliases: [network.api, 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
  enter: network.enter,
  apiServer: [
    '--bind-address=0.0.0.0', // of a network that has this machine alone on its other end
    `--advertise-address=${network.node}`,
    `--service-cluster-ip-range=${network.services}`,
    '--kubelet-client-certificate=client.pem',
    '--kubelet-client-key=client-key.pem',
    '--kubelet-certificate-authority=ca.pem',
    '--kubelet-preferred-address-types=InternalIP',
  ],
});
