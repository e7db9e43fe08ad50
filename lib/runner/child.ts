import { type SpawnOptions, spawn } from 'node:child_process';
import { pipeline, type Readable, type Writable } from 'node:stream';
import { UserError } from './errors.ts';
import { splitter } from './lines.ts';
import { followOutput, type Outliving, outputFiles } from './outliving.ts';
import { signalGroup, startedAt } from './process.ts';
import { CommandFailed, type Finished, Interrupted, type RunOptions, TimedOut } from './runner.ts';

// What a well-behaved command needs to find its files, its proxy and its certificates. Everything else, credentials
// above all, is handed over by name: a Terraform plan can print its whole environment.
const allowed = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
  'https_proxy',
  'http_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'NODE_EXTRA_CA_CERTS',
  'TF_CLI_CONFIG_FILE',
  'TF_PLUGIN_CACHE_DIR',
  // How kubectl and Terraform, which are written in Go, trade memory for time.
  'GOGC',
  'GOMEMLIMIT',
];

/** The part of an environment that children may see. */
export const childEnvironment = (own: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    allowed.flatMap(name => {
      const value = own[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** What a child needs of the runner that it is started by. */
export interface Host {
  say(line: string): void;
  /** Aborted when somebody has asked to stop: nothing new is started then. */
  stop: AbortSignal;
  /** Keeps what is needed to find a child again that outlives this process; nothing when it has ended. */
  keep(child: Outliving | undefined): void;
  folder(): Promise<string>;
}

/**
 * Runs a command to its end in a process group of its own, so that a ^C of the terminal does not reach it twice.
 *
 * GitHub's runner sends SIGINT to the entry process, SIGTERM 7.5 s later and SIGKILL 2.5 s after that; Terraform takes a
 * second signal as "exit at once" and may lose its state. So exactly one SIGINT is forwarded and a SIGTERM is swallowed.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
  host?: Host,
): Promise<Finished> {
  const what = `${command} ${args[0] ?? ''}`.trim();
  if (host?.stop.aborted) throw new UserError(`Stopped on request: ${what} was not started any more`);
  const folder = host && options.outlives ? await host.folder() : undefined;
  const files = folder === undefined ? undefined : outputFiles(folder);
  const child = start(command, args, {
    cwd: options.cwd,
    env: { ...childEnvironment(process.env), ...options.env },
    detached: true,
    stdio: [
      options.input === undefined && !options.source ? 'ignore' : 'pipe',
      ...(files?.stdio ?? (['pipe', 'pipe'] as const)),
    ],
  });
  files?.close();
  const kept =
    folder !== undefined && child.pid !== undefined
      ? { what, pid: child.pid, started: startedAt(child.pid) ?? '', folder, interrupted: false }
      : undefined;
  if (kept) host?.keep(kept);

  let signals = 0;
  const interrupt = () => {
    signals++;
    if (signals > 1) host?.say(`${what} was told to stop, and is left to finish what it has begun`);
    if (signals > 1) return;
    // Kept first: killed in between, the one signal is lost, which is better than two.
    if (kept) host?.keep({ ...kept, interrupted: true });
    signalGroup(child.pid, 'SIGINT');
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);

  let isLate = false;
  const expire = () => {
    isLate = true;
    signalGroup(child.pid, 'SIGKILL');
  };
  const limit = options.limit === undefined ? undefined : setTimeout(expire, options.limit);
  let grace: NodeJS.Timeout | undefined;
  // What it has left in the background holds its output open, and would be waited for.
  if (limit) child.once('exit', () => (grace = setTimeout(() => letGo(child), 1000)));

  try {
    child.stdin?.on('error', () => {}); // EPIPE: the child ended without reading; its exit code tells why
    if (options.source && child.stdin) feed(options.source, child);
    else child.stdin?.end(options.input);
    const finished =
      folder === undefined
        ? await piped(child, command, options)
        : await filed(child, command, options, folder);
    if (signals > 0) throw new Interrupted(what, finished);
    if (isLate) throw new TimedOut(what, finished);
    if (!(options.expect ?? [0]).includes(finished.code)) throw new CommandFailed(command, args, finished);
    return finished;
  } finally {
    clearTimeout(limit);
    clearTimeout(grace);
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    if (kept) host?.keep(undefined);
  }
}

type Child = ReturnType<typeof spawn>;

function start(command: string, args: readonly string[], options: SpawnOptions): Child {
  try {
    return spawn(command, args, options);
  } catch (cause) {
    throw unstartable(command, cause as NodeJS.ErrnoException);
  }
}

/** What is wrong with a command that does not even begin; anything else is no mistake of whoever wrote it down. */
function unstartable(command: string, cause: NodeJS.ErrnoException): Error {
  const why: Record<string, string> = {
    ENOENT: 'was not found: install it and see that it is on the PATH',
    EACCES: 'may not be run: make it executable (chmod +x)',
    E2BIG: 'is given more than a command takes: shorten its arguments, or hand them over in a file',
    ERR_INVALID_ARG_VALUE: 'is given a NUL byte, which no command takes: write it without',
  };
  const what = why[cause.code ?? ''];
  return what
    ? new UserError(`The command "${command.replaceAll('\0', '\\0')}" ${what}`, undefined, { cause })
    : cause;
}

function letGo(child: Child): void {
  signalGroup(child.pid, 'SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** A source that breaks off must not pass for one that has ended: the child is killed before it sees an end. */
function feed(source: Readable, child: Child): void {
  source.once('error', (error: NodeJS.ErrnoException) => {
    // A child may have read all that it needs.
    if (!['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(error.code ?? ''))
      signalGroup(child.pid, 'SIGKILL');
  });
  pipeline(source, child.stdin as Writable, () => {});
}

async function drained(child: Child, sink: NonNullable<RunOptions['sink']>): Promise<string> {
  try {
    await sink(child.stdout as Readable);
    return '';
  } catch (error) {
    signalGroup(child.pid, 'SIGKILL'); // nobody reads what it writes
    throw error;
  }
}

async function piped(child: Child, command: string, { onLine, sink }: RunOptions): Promise<Finished> {
  const [code, stdout, stderr] = await Promise.all([
    exit(child, command),
    sink ? drained(child, sink) : lines(child.stdout, line => onLine?.(line, 'stdout')),
    lines(child.stderr, line => onLine?.(line, 'stderr')),
  ]).catch(error => {
    if (error.code !== 'ERR_STRING_TOO_LONG') throw error;
    throw new UserError(
      `The command "${command}" printed more than a text can hold here, which is half a GB`,
    );
  });
  return { code, stdout, stderr };
}

async function filed(
  child: Child,
  command: string,
  { onLine }: RunOptions,
  folder: string,
): Promise<Finished> {
  const end = followOutput(folder, onLine);
  try {
    const code = await exit(child, command);
    // Killed, it could not end what it has started, which would go on writing.
    signalGroup(child.pid, 'SIGKILL');
    return { code, ...end() };
  } catch (error) {
    end();
    throw error;
  }
}

const exit = (child: Child, command: string): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => reject(unstartable(command, cause)));
    // 128 + signal, as shells report it.
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 130)));
  });

/** Hands on whole lines and returns the whole text. */
async function lines(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): Promise<string> {
  if (!stream) return '';
  const chunks: Buffer[] = [];
  const split = splitter(onLine);
  try {
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
      split.take(chunk as Buffer);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error; // let go
  }
  split.end();
  return Buffer.concat(chunks).toString('utf8');
}
