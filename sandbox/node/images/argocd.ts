import { pinned } from '../../tools/parts.ts';
import { base, path, type Recipe } from './recipe.ts';

const program = '/usr/local/bin/argocd';
const roles = [
  ...['server', 'repo-server', 'cmp-server', 'application-controller', 'dex', 'notifications'],
  ...['applicationset-controller', 'k8s-auth', 'commit-server'],
];

/** Argo CD calls gpg by this name where a trust that is not settled, gpg's 1, is an answer like another. */
const gpgWrapper = `#!/bin/sh
gpg "$@" 2>&1
code=$?
[ $code -eq 1 ] || exit $code
`;

/**
 * https://github.com/argoproj/argo-cd/blob/master/Dockerfile, without Helm, git-lfs and the check of commits' signatures,
 * which nothing here uses.
 */
export const argocd: Recipe = {
  reference: `quay.io/argoproj/argocd:v${pinned('argocd')}`,
  tools: { [program]: 'argocd', '/usr/local/bin/kustomize': 'kustomize' },
  files: base.files,
  host: [
    ...['/usr/bin/git', '/usr/lib/git-core', '/usr/share/git-core/templates'],
    ...['/usr/bin/gpg', '/usr/bin/gpg-agent', '/usr/bin/gpgconf', '/usr/bin/ssh', '/usr/bin/tini'],
    ...['/usr/bin/dash', '/usr/bin/cat', '/usr/bin/cp', '/usr/bin/ls', '/usr/bin/env', '/usr/share/zoneinfo'],
    // What the scripts among git's commands call: kustomize fetches a repository's submodules, even where there are none.
    ...[
      '/usr/bin/basename',
      '/usr/bin/dirname',
      '/usr/bin/sed',
      '/usr/bin/uname',
      '/usr/bin/tr',
      '/usr/bin/wc',
    ],
  ],
  links: {
    ...base.links,
    ...Object.fromEntries(roles.map(role => [`/usr/local/bin/argocd-${role}`, program])),
    '/usr/bin/sh': 'dash',
    '/etc/ssh/ssh_known_hosts': '/app/config/ssh/ssh_known_hosts',
  },
  text: {
    ...base.text,
    '/etc/passwd': `${base.text['/etc/passwd']}argocd:x:999:999::/home/argocd:/bin/sh\n`,
    '/etc/group': `${base.text['/etc/group']}argocd:x:999:\n`,
    '/app/config/ssh/ssh_known_hosts': '',
    '/usr/local/bin/gpg-wrapper.sh': gpgWrapper,
  },
  folders: {
    ...base.folders,
    '/home/argocd': { mode: 0o775, owner: 999 },
    '/app/config/tls': { mode: 0o755 },
    '/app/config/gpg/source': { mode: 0o755 },
    '/app/config/gpg/keys': { mode: 0o755, owner: 999 },
  },
  config: {
    Entrypoint: ['/usr/bin/tini', '--'],
    Env: [path, 'USER=argocd', 'HOME=/home/argocd'],
    User: '999',
    WorkingDir: '/home/argocd',
  },
};
