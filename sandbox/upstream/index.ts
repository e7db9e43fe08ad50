import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { guard } from '../guard.ts';
import { arrival, isInside } from '../internet.ts';
import { cacheFolder } from '../tools/cache.ts';
import { explainBuild, explainCache } from '../tools/errors.ts';
import { demandGo, goEnvironment } from '../tools/go.ts';
import { moduleFolder, pinnedVersion, readPins } from '../tools/parts.ts';
import { renderRelease } from './cert-manager.ts';

/** Somebody else's repository at the tag that is pinned, as far as our manifests refer to it. */
export interface Upstream {
  repository: string;
  tag: string;
  folder: string;
}

// The files themselves come out of Go's module cache, checked by go.sum, because a Go module is what its repository is.
const sources = [
  {
    repository: 'argoproj/argo-cd',
    module: 'github.com/argoproj/argo-cd/v3',
    files: /^manifests\/(base|crds|cluster-rbac|cluster-install|namespace-install)\//,
  },
  {
    repository: 'traefik/traefik',
    module: 'github.com/traefik/traefik/v3',
    // Its CRDs, and the list of what may stand in its arguments.
    files:
      /^docs\/content\/reference\/(dynamic-configuration\/kubernetes-crd-.*\.yml|install-configuration\/configuration-options\.md)$/,
  },
  {
    repository: 'cert-manager/cert-manager',
    module: 'github.com/cert-manager/cert-manager',
    files: /^deploy\/(charts|manifests)\//,
    // What its release has and its repository has not: the chart, rendered.
    finish: renderRelease,
  },
  {
    repository: 'kubernetes-sigs/gateway-api',
    module: 'sigs.k8s.io/gateway-api',
    files: /^config\/crd\/standard\//,
  },
] satisfies Source[];

interface Source {
  repository: string;
  module: string;
  files: RegExp;
  /** Makes more files in the copied folder before it is kept. */
  finish?: (folder: string, tag: string, env: NodeJS.ProcessEnv) => Promise<void>;
}

export type UpstreamRepository = (typeof sources)[number]['repository'];

const what = "upstream's manifests";

/**
 * The repositories that our manifests take by address and tag. The first call downloads their Go modules (25 MB, 40 with
 * cert-manager) and keeps the files that matter in the cache; from then on neither Go nor network is needed.
 * @param names cert-manager's and the Gateway API's are asked for by name only: no sandbox installs them, and the former's first
 *   time needs Helm
 * @throws ToolError
 */
export async function upstreams(
  names: readonly UpstreamRepository[] = ['argoproj/argo-cd', 'traefik/traefik'],
): Promise<Upstream[]> {
  const { mod } = readPins('upstream');
  const chosen: Source[] = sources.filter(({ repository }) => names.includes(repository));
  const wanted = chosen.map(source => {
    const tag = `v${pinnedVersion(mod, source.module)}`;
    const selection = createHash('sha256').update(source.files.source).digest('hex').slice(0, 8);
    const name = `${source.repository.replace('/', '-')}-${tag}-${selection}`;
    return { ...source, tag, folder: join(cacheFolder(), 'upstream', name) };
  });
  const missing = wanted.filter(({ folder }) => !existsSync(folder));
  if (isInside()) await arrival(() => missing.every(({ folder }) => existsSync(folder)));
  else if (missing.length > 0) await fetchAll(missing);
  return wanted.map(({ repository, tag, folder }) => ({ repository, tag, folder }));
}

type Wanted = Upstream & Source;

async function fetchAll(missing: Wanted[]): Promise<void> {
  await demandGo('upstream', `fetch ${what}`);
  const scratch = attempt(() => {
    mkdirSync(join(cacheFolder(), 'upstream'), { recursive: true });
    const made = mkdtempSync(join(cacheFolder(), 'upstream', '.fetching-'));
    mkdirSync(join(made, 'tmp'));
    return made;
  });
  const post = guard(scratch);
  try {
    const modules = await download(missing, scratch);
    for (const each of missing) {
      const made = join(scratch, each.repository.replace('/', '-'));
      attempt(() => copy(each, modules.get(each.module) as string, made));
      await each.finish?.(made, each.tag, goEnvironment(join(scratch, 'tmp')));
      // The kept folder appears at once and whole; another process may have been quicker.
      attempt(() => existsSync(each.folder) || renameSync(made, each.folder));
    }
  } finally {
    await post.close();
  }
}

/** @returns the folder of each module in Go's module cache */
async function download(missing: Wanted[], scratch: string): Promise<Map<string, string>> {
  const versions = missing.map(({ module, tag }) => `${module}@${tag}`);
  const options = { cwd: moduleFolder('upstream'), env: goEnvironment(join(scratch, 'tmp')) };
  const entries = await new Promise<Module[]>((resolve, reject) => {
    execFile('go', ['mod', 'download', '-json', ...versions], options, (error, stdout, stderr) => {
      // One object after the other, without commas.
      const entries = JSON.parse(`[${stdout.replace(/^}\n(?={)/gm, '},\n')}]`) as Module[];
      if (!error) return resolve(entries);
      const said = [stderr, ...entries.map(entry => entry.Error ?? '')].join('\n');
      const { bavail, bsize } = statfsSync(scratch);
      reject(explainBuild(what, said, cacheFolder(), bavail * bsize));
    });
  });
  return new Map(entries.map(({ Path, Dir = '' }) => [Path, Dir]));
}

/** As `go mod download -json` prints it. */
interface Module {
  Path: string;
  Dir?: string;
  Error?: string;
}

function copy({ files }: Wanted, module: string, to: string): void {
  for (const path of readdirSync(module, { recursive: true, encoding: 'utf8' })) {
    if (!files.test(path)) continue;
    mkdirSync(dirname(join(to, path)), { recursive: true });
    if (statSync(join(module, path)).isFile()) copyFileSync(join(module, path), join(to, path));
  }
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explainCache(what, error, cacheFolder());
  }
}
