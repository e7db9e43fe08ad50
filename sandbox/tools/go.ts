import { execFile, spawn } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { availableParallelism, homedir, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { cacheFolder } from './cache.ts';
import { explainBuild, ToolError } from './errors.ts';
import { buildFlags, linkerFlags, moduleFolder, oldestGo, readPins, type ToolName, tools } from './parts.ts';

/** How Go reaches the network, and nothing else of the caller's: above all no credential of a cloud. */
const passed = [
  ...['PATH', 'HOME', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NETRC'],
  ...['GOPROXY', 'GONOPROXY', 'GOPRIVATE', 'GOSUMDB', 'GONOSUMDB', 'GOINSECURE', 'GOAUTH'],
  ...['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'no_proxy'],
];

/** Where `go env -w` keeps its settings, a GOPROXY among them. */
const settings = (): string => {
  const folder =
    process.platform === 'darwin'
      ? join(homedir(), 'Library/Application Support')
      : process.env.XDG_CONFIG_HOME || join(homedir(), '.config');
  return process.env.GOENV ?? join(folder, 'go/env');
};

/**
 * Compilers end soon: without collecting garbage they take a quarter less time. Together they may fill half of the memory;
 * near their share of it they collect after all (https://go.dev/doc/gc-guide#Memory_limit). As many run as there are shares:
 * `go build -p` follows GOMAXPROCS.
 * @param total what the machine has, in bytes
 * @param limit what a cgroup allows, in bytes: 0 when that is not known, and more than there is when it is all
 */
export const roomy = ({ total, limit, processes }: { total: number; limit: number; processes: number }) => ({
  GOGC: 'off',
  GOMEMLIMIT: `${Math.floor((limit > 0 ? Math.min(total, limit) : total) / 2 / processes)}B`,
  GOMAXPROCS: String(processes),
});

/** Go's environment: everything it writes (modules, objects, telemetry, scratch) lands below `cache` or in `tmp`. */
export const goEnvironment = (tmp: string, cache = cacheFolder()): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    passed.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  ),
  GOENV: settings(),
  GOPATH: join(cache, 'go'),
  GOMODCACHE: join(cache, 'go/mod'),
  GOCACHE: join(cache, 'go/build'),
  XDG_CONFIG_HOME: join(cache, 'go/config'),
  TMPDIR: tmp,
  GOFLAGS: buildFlags.join(' '),
  ...roomy({ total: totalmem(), limit: process.constrainedMemory(), processes: availableParallelism() }),
  // A go.work above the checkout, or a newer Go that it would download by itself, is not what the pins say.
  GOWORK: 'off',
  GOTOOLCHAIN: 'local',
  CGO_ENABLED: '0',
});

/** True if Go's version `version` ("1.24.2", "1.26rc1") is older than `wanted`. */
export function isOlder(version: string, wanted: string): boolean {
  const numbers = (text: string) => (/^[\d.]+/.exec(text)?.[0] ?? '').split('.').map(Number);
  const [have, want] = [numbers(version), numbers(wanted)];
  const different = [0, 1, 2].find(index => (have[index] ?? 0) !== (want[index] ?? 0));
  return different !== undefined && (have[different] ?? 0) < (want[different] ?? 0);
}

/**
 * @param part whose module says how old Go may be
 * @param purpose completes "Go is needed to"
 * @throws ToolError if there is no Go, or one that is too old
 */
export async function demandGo(part: string, purpose: string): Promise<void> {
  const wanted = oldestGo(readPins(part).mod);
  const how = 'get it from https://go.dev/dl or your package manager, then run this again.';
  let version: string;
  try {
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION'], {
      env: goEnvironment(tmpdir()),
    });
    version = stdout.trim().replace(/^.*go(?=\d)/, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new ToolError(`Go is not on the PATH, and Go ${wanted} or newer is needed to ${purpose}: ${how}`);
  }
  if (isOlder(version, wanted)) {
    throw new ToolError(`Go ${version} is too old to ${purpose}, which takes ${wanted} or newer: ${how}`);
  }
}

/**
 * Compiles a tool to `output`. Whatever this process's end, no compiler outlives it.
 * @param scratch a guarded folder for this build alone, with an empty `tmp` in it
 */
export async function compile(name: ToolName, output: string, scratch: string): Promise<void> {
  const { part, package: packagePath } = tools[name];
  const argv = ['build', '-ldflags', linkerFlags(name, readPins(part).mod), '-o', output, packagePath];
  // The guard ends it, so the terminal's ^C need not reach it.
  const go = spawn('go', argv, {
    cwd: moduleFolder(part),
    env: goEnvironment(join(scratch, 'tmp')), // by which the guard knows whom to end
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    go.on('exit', resolve).on('error', reject);
  });
  const [code, said] = await Promise.all([ended, text(go.stderr)]);
  if (code === 0) return;
  const { bavail, bsize } = statfsSync(scratch);
  throw explainBuild(name, said, cacheFolder(), bavail * bsize);
}
