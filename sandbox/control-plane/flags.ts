/**
 * How each process of a control plane is started. Paths are relative to the plane's folder, in which all of them run: a
 * socket's whole path may have no more than a hundred characters.
 */
export const etcd = [
  '--data-dir=etcd',
  '--listen-client-urls=unix://client:0', // a socket by the name of client:0
  '--listen-peer-urls=unix://peer:0',
  '--advertise-client-urls=unix://client:0',
  '--unsafe-no-fsync', // nothing here outlives the machine's power
  '--log-level=warn',
];
export const etcdSocket = 'client:0';

export const apiServer = (port: number) => [
  '--etcd-servers=unix://client:0',
  `--secure-port=${port}`,
  '--tls-cert-file=server.pem',
  '--tls-private-key-file=server-key.pem',
  '--client-ca-file=ca.pem',
  '--authorization-mode=Node,RBAC',
  '--service-account-issuer=https://kubernetes.default.svc',
  '--service-account-key-file=service-accounts.pem',
  '--service-account-signing-key-file=service-accounts.pem',
  '--allow-privileged',
];

/** The API server's, where kwok plays the nodes. */
export const withoutNodes = [
  '--bind-address=127.0.0.1',
  '--service-cluster-ip-range=10.96.0.0/16',
  '--advertise-address=10.1.1.1', // 127.0.0.1 is not allowed, and nobody is there to use this one
  '--endpoint-reconciler-type=none',
];

export const controllerManager = [
  '--kubeconfig=admin.yaml',
  '--secure-port=0',
  '--leader-elect=false',
  '--use-service-account-credentials=false',
  '--service-account-private-key-file=service-accounts.pem',
  '--root-ca-file=ca.pem',
];

export const scheduler = ['--kubeconfig=admin.yaml', '--secure-port=0', '--leader-elect=false'];

export const kwok = [
  '--kubeconfig=admin.yaml',
  '--config=/dev/null',
  '--manage-all-nodes=true',
  '--node-lease-duration-seconds=40',
  '--cidr=10.244.0.0/16',
];
