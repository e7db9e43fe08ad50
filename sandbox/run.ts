import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { guard } from './guard.ts';
import { killFamily } from './sweep.ts';
import { cacheFolder } from './tools/cache.ts';

export type Environment = Record<string, string>;

export interface StartOptions {
  env?: Environment;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Polled until it no longer throws: then the process is up. */
  ready?: () => Promise<unknown>;
  /** How long that may take; 30 unless told. */
  seconds?: number;
}

/** A process of the run that did not come up, or ended unasked: the machine's doing more often than ours. */
export class ProcessError extends Error {
  override name = 'ProcessError';
}

export interface Child {
  pid: number;
  /** Kills the process and all that it has started, and waits until it is gone. */
  stop(): Promise<void>;
}

export interface Run {
  /** Everything of this run lies here; it goes with the run. */
  folder: string;
  /** For every process that anybody starts in this run: HOME and TMPDIR in the folder, little else from outside. */
  environment(extra?: Environment): Environment;
  /**
   * Starts what stays, with its output in `<folder>/logs/<name>.log`.
   * @throws ProcessError with the last lines of the log, when it ends before it is ready or is not ready in time
   */
  start(name: string, command: string, args: string[], options?: StartOptions): Promise<Child>;
  /** Aborted, with a ProcessError that says why, when something that was ready has ended unasked. */
  broken: AbortSignal;
  /** Ends the run: all processes killed, the folder removed, as if this process had died. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a command may know of the machine it runs on; credentials and proxies of the user's are not among it. */
const passedOn = 'PATH LANG LC_ALL TZ TERM COLORTERM NO_COLOR FORCE_COLOR USER LOGNAME'.split(' ');

export function openRun(): Run {
  const folder = join(tmpdir(), `slipway-${randomBytes(8).toString('hex')}`);
  const post = guard(folder); // before the folder is made: killed in between, nothing is left
  mkdirSync(folder, { mode: 0o700 });
  for (const name of ['home', 'logs', 'tmp']) mkdirSync(join(folder, name), { mode: 0o700 });
  // Root's PostgreSQL runs as another user, who must get through without being able to look around.
  if (process.getuid?.() === 0) for (const path of [folder, join(folder, 'tmp')]) chmodSync(path, 0o711);

  const parent = endWithParent();
  const broken = new AbortController();
  const children = new Map<ChildProcess, Promise<void>>();
  let closing: Promise<void> | undefined;

  function environment(extra: Environment = {}): Environment {
    const known = passedOn.map(name => [name, process.env[name]]).filter(([, value]) => value !== undefined);
    return {
      ...Object.fromEntries(known),
      HOME: join(folder, 'home'),
      // Two thirds of a short action's time go into reading TypeScript, the same at every start.
      NODE_COMPILE_CACHE: join(cacheFolder(), 'compiled'),
      // Nearly all that is started is written in Go, and either ends soon or makes garbage much faster than it keeps anything:
      // collecting it took up to a third of the time.
      GOGC: '400',
      ...extra,
      TMPDIR: join(folder, 'tmp'),
    };
  }

  async function start(
    name: string,
    command: string,
    args: string[],
    options: StartOptions = {},
  ): Promise<Child> {
    if (closing) throw new Error(`${name} is not started: its run has ended.`);
    const { env, ready, seconds = 30, ...where } = options;
    const path = join(folder, 'logs', `${name}.log`);
    const log = openSync(path, 'a', 0o600);
    const child = spawn(command, args, {
      cwd: folder,
      ...where,
      env: environment(env),
      detached: true, // the terminal's ^C is for the owner alone
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    await once(child, 'spawn');
    child.unref(); // whoever forgets to close the run can still end

    let state: 'starting' | 'up' | 'stopping' | 'gone' = 'starting';
    const failure = (how: string) =>
      new ProcessError(`${name} ${how}. The end of its log:\n${lastLines(path)}`);
    const death = () => failure(`ended by itself (${child.signalCode ?? `exit code ${child.exitCode}`})`);
    const gone = once(child, 'exit').then(() => {
      children.delete(child);
      if (state === 'up' && !closing) broken.abort(death());
      state = 'gone';
    });
    children.set(child, gone);

    async function stop(): Promise<void> {
      if (state !== 'gone') {
        state = 'stopping';
        child.ref();
        killFamily(child.pid as number);
      }
      await gone;
    }

    for (const deadline = Date.now() + seconds * 1000; ready; ) {
      const problem = await ready().then(() => undefined, String);
      if (closing) throw new Error(`${name} was ended with its run.`);
      if ((state as string) === 'gone') throw death();
      if (problem === undefined) break;
      if (Date.now() > deadline) {
        await stop();
        throw failure(`was not ready after ${seconds} s (${problem})`);
      }
      await sleep(50);
    }
    state = 'up';
    return { pid: child.pid as number, stop };
  }

  async function end(): Promise<void> {
    clearInterval(parent);
    await post.close();
    for (const child of children.keys()) child.ref();
    await Promise.all(children.values());
  }
  const close = () => (closing ??= end());
  return { folder, environment, start, broken: broken.signal, close, [Symbol.asyncDispose]: close };
}

/** npm, or the shell that started this process, can be killed without its children hearing of it. */
function endWithParent(): NodeJS.Timeout {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  return watch.unref();
}

/** Go says first why it dies, and then for pages where. */
function lastLines(path: string): string {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const death = lines.findLastIndex(line => /^(panic|fatal error|unexpected fault address)\b/.test(line));
  return (death < 0 ? lines.slice(-8) : lines.slice(death, death + 8)).join('\n');
}
