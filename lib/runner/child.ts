import { spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import { UserError } from './errors.ts';
import { CommandFailed, type Finished, type RunOptions } from './runner.ts';

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
];

/** The part of an environment that children may see. */
export const childEnvironment = (own: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    allowed.flatMap(name => {
      const value = own[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

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
): Promise<Finished> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...childEnvironment(process.env), ...options.env },
    detached: true,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });

  let interrupted = false;
  const interrupt = () => {
    if (interrupted) return;
    interrupted = true;
    signalGroup(child.pid, 'SIGINT');
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);

  try {
    child.stdin?.on('error', () => {}); // EPIPE: the child ended without reading; its exit code tells why
    child.stdin?.end(options.input);
    const [code, stdout, stderr] = await Promise.all([
      exit(child, command),
      lines(child.stdout, line => options.onLine?.(line, 'stdout')),
      lines(child.stderr, line => options.onLine?.(line, 'stderr')),
    ]);
    if (interrupted)
      throw new UserError(
        `Stopped on request: ${command} ${args[0] ?? ''} was interrupted and has ended; run it again to go on`,
      );
    const finished = { code, stdout, stderr };
    if (!(options.expect ?? [0]).includes(code)) throw new CommandFailed(command, args, finished);
    return finished;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

type Child = ReturnType<typeof spawn>;

const exit = (child: Child, command: string): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'ENOENT'
          ? new UserError(`The command "${command}" was not found: install it and see that it is on the PATH`)
          : cause,
      ),
    );
    // 128 + signal, as shells report it.
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 130)));
  });

/** Hands on whole lines and returns the whole text. */
async function lines(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): Promise<string> {
  if (!stream) return '';
  const decoder = new StringDecoder('utf8');
  const parts: string[] = [];
  // In pieces: a plan of 50 MB is one line, and adding to a text is scanning it.
  let rest: string[] = [];
  for await (const chunk of stream) {
    const text = decoder.write(chunk as Buffer);
    parts.push(text);
    if (!text.includes('\n')) {
      rest.push(text);
      continue;
    }
    const whole = (rest.join('') + text).split('\n');
    rest = [whole.pop() ?? ''];
    for (const line of whole) onLine(line.replace(/\r$/, ''));
  }
  const last = rest.join('');
  if (last) onLine(last);
  return parts.join('');
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
