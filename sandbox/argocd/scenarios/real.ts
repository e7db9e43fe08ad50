import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../../ports.ts';
import type { Environment, Run } from '../../run.ts';
import { tool } from '../../tools/build.ts';
import { upstreams } from '../../upstream/index.ts';

const settings = join(import.meta.dirname, '../../../manifests/argocd/settings.yaml');

/** A folder for `kubectl apply -k`: upstream's settings with ours over them, as the platform has them. */
export async function settingsFolder(run: Run): Promise<string> {
  const [upstream] = await upstreams(['argoproj/argo-cd']);
  const folder = join(run.folder, 'settings');
  cpSync(join(upstream?.folder ?? '', 'manifests/base/config'), join(folder, 'config'), { recursive: true });
  cpSync(settings, join(folder, 'settings.yaml'));
  const kustomization = { namespace: 'argocd', resources: ['config'], patches: [{ path: 'settings.yaml' }] };
  writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization));
  return folder;
}

/**
 * The real Argo CD beside a cluster whose pods are played: its application controller and its repo server, as processes.
 * Its settings must be in the cluster; no server runs, so nobody makes the key in argocd-secret either.
 * @param env git's
 */
export async function realArgocd(run: Run, kubeconfig: string, env: Environment): Promise<void> {
  const folder = join(run.folder, 'real');
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const [argocd, kustomize] = await Promise.all([tool('argocd'), tool('kustomize')]);
  const roles = ['argocd-repo-server', 'argocd-application-controller', 'argocd'];
  for (const role of roles) symlinkSync(argocd, join(bin, role)); // it is whatever it is called
  const data = (name: string) => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };
  const environment = {
    ...env,
    ...{ HOME: data('home'), KUBECONFIG: kubeconfig, ARGOCD_FAKE_IN_CLUSTER: 'true' },
    PATH: [bin, dirname(kustomize), env.PATH].join(delimiter),
    ARGOCD_GPG_ENABLED: 'false',
    ARGOCD_GNUPGHOME: data('gpg'),
    ARGOCD_TLS_DATA_PATH: data('tls'),
    ARGOCD_SSH_DATA_PATH: data('ssh'),
    ARGOCD_GPG_DATA_PATH: data('keys'),
    ARGOCD_PLUGINSOCKFILEPATH: data('plugins'),
    ARGOCD_ASK_PASS_SOCK: join(folder, 'ask-pass.sock'),
    ARGOCD_SYNC_WAVE_DELAY: '0',
  };
  const [redis, repoServer, ...metrics] = await Promise.all([1, 2, 3, 4].map(freePort));
  const start = (name: string, command: string, args: string[], port = 0) =>
    run.start(`real-${name}`, command, args, { env: environment, ready: () => listens(port) });
  const caching = ['--redis', `127.0.0.1:${redis}`];

  // A title of its own would be written over the environment by which the guard knows what is the run's.
  const keeping = ['--bind', '127.0.0.1', '--port', `${redis}`, '--save', '', '--set-proc-title', 'no'];
  await start('redis', 'redis-server', keeping, redis);
  const serving = ['--address=127.0.0.1', `--port=${repoServer}`, '--disable-tls'];
  const measured = ['--metrics-address=127.0.0.1', `--metrics-port=${metrics[0]}`];
  await start(
    'repo-server',
    join(bin, 'argocd-repo-server'),
    [...caching, ...serving, ...measured],
    repoServer,
  );
  const controlling = [
    ...['--namespace=argocd', `--kubeconfig=${kubeconfig}`, `--metrics-port=${metrics[1]}`],
    ...[`--repo-server=127.0.0.1:${repoServer}`, '--repo-server-plaintext'],
    // What the controller of a cluster reads in argocd-cmd-params-cm.
    ...['--server-side-diff-enabled', '--persist-resource-health'],
  ];
  await start(
    'controller',
    join(bin, 'argocd-application-controller'),
    [...caching, ...controlling],
    metrics[1],
  );
}

const listens = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject).once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
