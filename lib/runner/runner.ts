import type { Readable } from 'node:stream';
import type { GitHub } from '@actions/github/lib/utils';
import { type Location, UserError } from './errors.ts';

export type Octokit = InstanceType<typeof GitHub>;

/** Where and for whom this run happens. Everything is optional: a terminal knows little of it. */
export interface Context {
  /** `owner/name` of the repository whose workflow runs. */
  repository?: string;
  /** The commit that is checked out. */
  sha?: string;
  /** `push`, `pull_request`, `workflow_dispatch`… */
  event?: string;
  /** The pull request that the event is about. */
  pullRequest?: number;
  /** The page that shows this run's log. */
  runUrl?: string;
  /** The login that started the run. */
  actor?: string;
}

export interface RunOptions {
  cwd?: string;
  /** Added to the allow-listed part of the own environment (see `childEnvironment`). */
  env?: Record<string, string>;
  /** Written to the child's standard input, then closed. */
  input?: string;
  /** Goes to the child's standard input as it comes. */
  source?: Readable;
  /** Takes what the child prints as it comes, and all of it: it is neither kept nor given to `onLine`. */
  sink?: (stdout: Readable) => Promise<void>;
  /** Called with every whole line as it arrives. */
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** Exit codes that are an answer and not a failure; `[0]` unless told. */
  expect?: readonly number[];
  /**
   * In milliseconds: after that the child is killed with its process group, as is what it leaves in it when it ends. For what
   * may be broken off anywhere.
   */
  limit?: number;
  /**
   * For what must not be broken off: the child goes on when this process is killed, and `post` waits for it. It gets no
   * `input`, and its output goes to files that are followed.
   */
  outlives?: boolean;
}

/** A child that a killed `main` has left behind. */
export interface Outlived {
  /** Command and subcommand. */
  what: string;
  /** Whether it has ended by now. How is not known: nobody but its parent learns the exit code. */
  ended: boolean;
  /** All that it has written since its beginning. */
  stdout: string;
  stderr: string;
}

export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** What a domain may ask of the place it runs in: GitHub's runner or a terminal. Both print the same text. */
export interface Runner {
  readonly context: Context;

  /** One line of the log, as it is. */
  info(line: string): void;
  /** What long work does at the moment: a live line with elapsed time in a terminal, a line now and then in a log. */
  progress(line: string): void;
  /** Shown on the run's page and, where there is one, at the line of the file. */
  notice(message: string, at?: Location): void;
  warning(message: string, at?: Location): void;
  error(message: string, at?: Location): void;
  /** A fold in the log around one phase; its end shows the elapsed time. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>;
  /**
   * An output that later steps can use although this one is about to fail; the others are returned by `main`. A terminal
   * shows short ones of one line, and no JSON.
   */
  output(name: string, value: string): void;
  /** Adds Markdown to the page of the run. A terminal leaves it out: there the text has been printed already. */
  summary(markdown: string): Promise<void>;

  /** Hides a value in all that is printed from now on, also base64 and each of its lines. */
  mask(secret: string): void;
  /** A text without what is masked, for what is not printed but handed on: in outputs, in comments. */
  scrub(text: string): string;

  /**
   * Runs a command to its end: argv array, allow-listed environment, a process group of its own. SIGINT is forwarded
   * once; a SIGTERM that follows is swallowed, so that the child can finish writing.
   * @throws CommandFailed for an exit code that was not expected; Interrupted when somebody has asked to stop meanwhile,
   * whatever the exit code; TimedOut when its limit has passed; UserError when somebody asked to stop before, or the
   * command is not installed.
   */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<Finished>;

  /**
   * Does work that must clean up after itself: while it goes on, a signal does not end this process but aborts `stop`,
   * interrupts the child that runs and lets no other be started.
   */
  graceful<T>(work: () => Promise<T>): Promise<T>;
  /** For what waits without a child. */
  readonly stop: AbortSignal;

  /**
   * In `post`: waits for the child of `run` with `outlives` that a killed `main` has left behind, and asks it to stop
   * unless that has been done. Hands on the lines that `main` has not. Undefined when nothing was left.
   */
  outlived(options: { onLine: RunOptions['onLine']; seconds: number }): Promise<Outlived | undefined>;

  /** Keeps a value for the `post` step of this action. */
  save(name: string, value: string): void;
  saved(name: string): string | undefined;

  /** GitHub's REST and GraphQL API. Imported when first asked for: it costs 60 ms. */
  octokit(token: string): Promise<Octokit>;

  /** A new folder, readable by nobody else, that is removed when the action ends. */
  folder(): Promise<string>;
}

/** A child that ended with an exit code nobody expected. The caller knows what that means to a user. */
export class CommandFailed extends Error {
  override name = 'CommandFailed';
  readonly finished: Finished;

  constructor(command: string, args: readonly string[], finished: Finished) {
    const last = finished.stderr.trim().split('\n').slice(-5).join('\n');
    super(`${command} ${args[0] ?? ''} ended with exit code ${finished.code}: ${last}`);
    this.finished = finished;
  }
}

/** A child that was told to stop and has ended. It may have come to its end all the same: what it finished with tells. */
export class Interrupted extends UserError {
  override name = 'Interrupted';
  readonly finished: Finished;

  constructor(what: string, finished: Finished) {
    super(`Stopped on request: ${what} was interrupted and has ended; run it again to go on`);
    this.finished = finished;
  }
}

/** A child that was killed because it took longer than it may. */
export class TimedOut extends Error {
  override name = 'TimedOut';
  readonly finished: Finished;

  constructor(what: string, finished: Finished) {
    super(`${what} took longer than it may, and was killed`);
    this.finished = finished;
  }
}
