import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One binary: the part (a folder in tools/) whose go.mod pins it, and the package that becomes it. */
export interface Tool {
  part: string;
  package: string;
  /** What it took from nothing on two cores; a binary that shares packages with an earlier one counts only the rest. */
  seconds: number;
  /** Not needed by the quick demo and `npm test`. */
  full?: boolean;
  /** Only a test among the full ones needs it, which builds it itself. */
  late?: boolean;
  /** The variables that upstream's own release build sets at link time; `version` has no leading v. */
  stamp?: (version: string) => Record<string, string>;
}

// Clients choose what to do by the server's version, and kubectl warns when its own is too far from it.
const kubernetes = (command: string, seconds: number, part = 'kubernetes'): Tool => ({
  part,
  full: part !== 'kubernetes',
  package: `k8s.io/kubernetes/cmd/${command}`,
  seconds,
  stamp: version => {
    const [major = '', minor = ''] = version.split('.');
    const variables = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor };
    return Object.fromEntries(
      ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap(where =>
        Object.entries(variables).map(([name, value]) => [`${where}.${name}`, value]),
      ),
    );
  },
});

/** Every tool, in the order in which a demo needs them; then what only checks, and what only a full demo needs. */
export const tools = {
  'terraform-provider-exoscale': {
    part: 'provider',
    package: 'github.com/exoscale/terraform-provider-exoscale',
    seconds: 90,
    stamp: version => ({ 'github.com/exoscale/terraform-provider-exoscale/version.Version': version }),
  },
  gofakes3: { part: 'gofakes3', package: 'github.com/johannesboyne/gofakes3/cmd/gofakes3', seconds: 3 },
  etcd: { part: 'etcd', package: 'go.etcd.io/etcd/server/v3', seconds: 30 },
  'kube-apiserver': kubernetes('kube-apiserver', 190),
  kubectl: kubernetes('kubectl', 20),
  'kube-controller-manager': kubernetes('kube-controller-manager', 55),
  'kube-scheduler': kubernetes('kube-scheduler', 6),
  kwok: { part: 'kwok', package: 'sigs.k8s.io/kwok/cmd/kwok', seconds: 70 },
  actionlint: { part: 'actionlint', package: 'github.com/rhysd/actionlint/cmd/actionlint', seconds: 6 },
  'external-dns': { part: 'external-dns', package: 'sigs.k8s.io/external-dns', seconds: 240, late: true },
  kubeconform: { part: 'kubeconform', package: 'github.com/yannh/kubeconform/cmd/kubeconform', seconds: 3 },
  act: {
    part: 'act',
    package: 'github.com/nektos/act',
    seconds: 40,
    stamp: version => ({ 'main.version': version }),
  },
  kubelet: kubernetes('kubelet', 30, 'kubernetes-node'),
  'kube-proxy': kubernetes('kube-proxy', 10, 'kubernetes-node'),
  'kube-router': {
    part: 'kube-router',
    package: 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router',
    seconds: 130,
    full: true,
    stamp: version => ({ 'github.com/cloudnativelabs/kube-router/v2/pkg/version.Version': `v${version}` }),
  },
  coredns: { part: 'coredns', package: 'github.com/coredns/coredns', seconds: 95, full: true },
  kustomize: {
    part: 'kustomize',
    package: 'sigs.k8s.io/kustomize/kustomize/v5',
    seconds: 10,
    full: true,
    stamp: version => ({ 'sigs.k8s.io/kustomize/api/provenance.version': `v${version}` }),
  },
  // One binary that plays every part of Argo CD, by the name it is called by.
  argocd: {
    part: 'argocd',
    package: 'github.com/argoproj/argo-cd/v3/cmd',
    seconds: 210,
    full: true,
    stamp: version => ({ 'github.com/argoproj/argo-cd/v3/common.version': version }),
  },
  traefik: {
    part: 'traefik',
    package: 'github.com/traefik/traefik/v3/cmd/traefik',
    seconds: 295,
    full: true,
    stamp: version => ({ 'github.com/traefik/traefik/v3/pkg/version.Version': version }),
  },
  helm: { part: 'helm', package: 'helm.sh/helm/v3/cmd/helm', seconds: 85, full: true },
  'kube-score': {
    part: 'kube-score',
    package: 'github.com/zegl/kube-score/cmd/kube-score',
    seconds: 25,
    full: true,
  },
} satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;

export const toolNames = Object.keys(tools) as ToolName[];

/** What the sandbox runs on, in the order in which a platform's life needs it. */
export const sandboxTools: ToolName[] = [
  'gofakes3',
  'terraform-provider-exoscale',
  'etcd',
  'kube-apiserver',
  'kubectl',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
];

/** What it runs on with real nodes. */
export const fullTools: ToolName[] = [
  ...sandboxTools.filter(name => name !== 'kwok'),
  ...(['kubelet', 'kube-proxy', 'coredns', 'kustomize', 'argocd', 'traefik', 'act'] as const),
];

export const describe = (name: ToolName): Tool => tools[name];

/** What pins a part: the text of its go.mod and go.sum. */
export interface Pins {
  mod: string;
  sum: string;
}

export const moduleFolder = (part: string): string =>
  fileURLToPath(new URL(`../../tools/${part}`, import.meta.url));

export const readPins = (part: string): Pins => ({
  mod: readFileSync(`${moduleFolder(part)}/go.mod`, 'utf8'),
  sum: readFileSync(`${moduleFolder(part)}/go.sum`, 'utf8'),
});

/** The pinned version of the module that a package belongs to, without its v: the longest required path that is a prefix. */
export function pinnedVersion(mod: string, packagePath: string): string {
  const required = [...mod.matchAll(/^\s*(?:require\s+)?(\S+)\s+v(\S+?)(?:\s+\/\/ indirect)?$/gm)]
    .map(([, path = '', version = '']) => ({ path, version }))
    .filter(({ path }) => packagePath === path || packagePath.startsWith(`${path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
  if (required === undefined) throw new Error(`go.mod pins no module for ${packagePath}`);
  return required.version;
}

/** The pinned version of a tool, without its v. */
export const pinned = (name: ToolName): string => {
  const { part, package: packagePath } = tools[name];
  return pinnedVersion(readPins(part).mod, packagePath);
};

/** The oldest Go that may build the part: its `go` line. */
export function oldestGo(mod: string): string {
  const version = /^go (\S+)$/m.exec(mod)?.[1];
  if (version === undefined) throw new Error('go.mod has no go line');
  return version;
}

/**
 * What every build is told: take versions as pinned, leave no path of this machine in the binary, and do not describe for a
 * debugger what the linker drops again (a quarter of the compiler's time).
 */
export const buildFlags = [
  '-mod=readonly',
  '-modcacherw',
  '-trimpath',
  '-buildvcs=false',
  '-gcflags=all=-dwarf=false',
];

/** The linker's flags: no symbol table and no debug information (a third of the size), and upstream's stamp. */
export function linkerFlags(name: ToolName, mod: string): string {
  const { stamp, package: packagePath } = describe(name);
  const variables = stamp?.(pinnedVersion(mod, packagePath)) ?? {};
  return ['-s', '-w', ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)].join(' ');
}

/**
 * Names a part's folder in the cache: everything that is known before Go runs and decides what comes out. The version of
 * Go is left out on purpose, so that with a warm cache Go need not even be installed; go.mod's `go` line bounds it below.
 */
export function cacheKey(part: string, pins: Pins, platform = `${process.platform}/${process.arch}`): string {
  const flags = toolNames
    .filter(name => describe(name).part === part)
    .map(name => linkerFlags(name, pins.mod));
  return createHash('sha256')
    .update(JSON.stringify([pins.mod, pins.sum, buildFlags, [...new Set(flags)], platform]))
    .digest('hex')
    .slice(0, 12);
}
