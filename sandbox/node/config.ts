import { stringify } from 'yaml';
import type { Addresses } from './network.ts';

/** Images come from wherever the hosts file says, whatever registry their name has; see `hostsFile`. */
const registries = '/run/registries';
const cniFolder = '/run/cni';

/** What becomes of each pod's network namespace: the image that holds it does nothing. */
export const pauseImage = 'registry.k8s.io/pause:3.10.1';

/** Version 2, which every containerd since 1.3 reads. https://github.com/containerd/containerd/blob/main/docs/cri/config.md */
export const containerdConfig = `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # A container may not want to live longer than this process may.
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${cniFolder}"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${registries}"
`;

/** Files that the machine needs besides, by their paths in it. */
export function machineFiles({ pods }: Addresses, registry: string): Record<string, string> {
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    hairpinMode: true, // a pod may reach itself through its Service
    ipam: {
      type: 'host-local',
      dataDir: `${cniFolder}/addresses`,
      ranges: [[{ subnet: pods }]],
      routes: [{ dst: '0.0.0.0/0' }],
    },
  };
  const network = {
    cniVersion: '0.4.0',
    name: 'slipway',
    plugins: [bridge, { type: 'portmap', capabilities: { portMappings: true } }],
  };
  return {
    [`${cniFolder}/10-slipway.conflist`]: JSON.stringify(network, null, 2),
    // `server` is what is asked last: without it, that would be the real registry.
    // https://github.com/containerd/containerd/blob/main/docs/hosts.md
    [`${registries}/_default/hosts.toml`]: `server = "${registry}"\n[host."${registry}"]\n  capabilities = ["pull", "resolve"]\n`,
  };
}

/** https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
export const kubeletConfig = (options: { folder: string; cgroup: string; dns: string }): string =>
  stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${options.folder}/ca.pem` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${options.folder}/kubelet.pem`,
    tlsPrivateKeyFile: `${options.folder}/kubelet-key.pem`,
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    serializeImagePulls: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${options.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    clusterDomain: 'cluster.local',
    clusterDNS: [options.dns],
    resolvConf: '', // who asks for the machine's names gets none
    // The disk is the user's: that it is nearly full is no reason to throw pods or images off it.
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      'imagefs.available': '0%',
      'imagefs.inodesFree': '0%',
      'nodefs.available': '0%',
      'nodefs.inodesFree': '0%',
    },
    shutdownGracePeriod: '0s',
  });

export const kubeletFlags = (options: { folder: string; name: string; address: string; label: string }) => [
  `--config=${options.folder}/kubelet-config.yaml`,
  `--kubeconfig=${options.folder}/kubelet.yaml`,
  `--hostname-override=${options.name}`,
  `--node-ip=${options.address}`,
  `--node-labels=${options.label}`,
];

export const kubeProxyFlags = (options: { folder: string; name: string; pods: string }) => [
  `--kubeconfig=${options.folder}/kube-proxy.yaml`,
  `--hostname-override=${options.name}`,
  '--proxy-mode=iptables',
  `--cluster-cidr=${options.pods}`,
  // Sizes of the whole machine's tables.
  '--conntrack-max-per-core=0',
  '--conntrack-min=0',
  '--conntrack-tcp-timeout-established=0',
  '--conntrack-tcp-timeout-close-wait=0',
];

/** Its firewall alone: pods are connected by CNI's bridge here, and Services are kube-proxy's. */
export const kubeRouterFlags = (options: { folder: string; name: string; services: string }) => [
  `--kubeconfig=${options.folder}/kube-router.yaml`,
  `--hostname-override=${options.name}`,
  `--service-cluster-ip-range=${options.services}`,
  '--run-firewall=true',
  '--run-router=false',
  '--run-service-proxy=false',
  '--health-port=0',
];
