import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Environment } from '../run.ts';
import { killFamily } from '../sweep.ts';
import { tool } from '../tools/build.ts';

/** A line of act's. https://nektosact.com */
export interface Entry {
  level: string;
  msg: string;
  /** A step prints it, and not act. */
  raw_output?: true;
  /** `error`, `warning`, `add-mask`, …: what a step asks of the runner. */
  command?: string;
  arg?: string;
  step?: string;
  /** The step's id, or its index. */
  stepID?: string[];
  stage?: 'Pre' | 'Main' | 'Post';
  stepResult?: 'success' | 'failure' | 'skipped';
  jobResult?: 'success' | 'failure';
}

export interface Play {
  /** An empty folder of its own; it is removed. */
  folder: string;
  /** By their names in `.github/workflows`; `run.yml` is run. */
  files: Record<string, string>;
  event: { name: string; payload: unknown };
  actor: string;
  /** Where jobs run on this machine: `ubuntu-latest`. */
  labels: readonly string[];
  /** What the process and all below it see. */
  env: Environment;
  /** `GITHUB_REPOSITORY`, … */
  github: Environment;
  secrets: Record<string, string>;
  /** `{ 'actions/checkout@SHA': folder }` */
  actions: Record<string, string>;
  signal: AbortSignal;
  tell(entry: Entry): void;
}

/** Runs a file of one job on this machine, without Docker. Returns how it ended, and what act itself had to say. */
export async function act(play: Play): Promise<{ succeeded: boolean; said: string }> {
  const { folder, files, event, env, secrets, signal } = play;
  const workflows = join(folder, 'workspace/.github/workflows');
  try {
    await mkdir(workflows, { recursive: true });
    const write = (name: string, content: unknown) =>
      writeFile(join(folder, name), JSON.stringify(content), { mode: 0o600 });
    await Promise.all([
      ...Object.entries(files).map(([name, text]) => writeFile(join(workflows, name), text)),
      write('event.json', event.payload),
      write('secrets.yml', secrets),
      write('github.yml', play.github),
    ]);
    const args = [
      ...[event.name, '--directory', join(folder, 'workspace'), '--workflows', '.github/workflows/run.yml'],
      ...['--eventpath', join(folder, 'event.json'), '--secret-file', join(folder, 'secrets.yml')],
      ...['--env-file', join(folder, 'github.yml'), '--actor', play.actor, '--json', '--no-skip-checkout'],
      ...['--no-cache-server', '--action-offline-mode', '--pull=false', '--defaultbranch', 'main'],
      ...['--action-cache-path', join(folder, 'cache')],
      ...play.labels.flatMap(label => ['--platform', `${label}=-self-hosted`]),
      ...Object.entries(play.actions).flatMap(([action, where]) => [
        '--local-repository',
        `${action}=${where}`,
      ]),
    ];
    const child = spawn(await tool('act'), args, {
      cwd: folder,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // What is under way is broken off, and steps that always run still do, for as long as GitHub lets them.
    let limit: NodeJS.Timeout | undefined;
    const stop = () => {
      child.kill('SIGINT');
      limit = setTimeout(() => child.pid !== undefined && killFamily(child.pid), 5 * 60_000);
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    let said = '';
    let result: Entry['jobResult'];
    child.stderr.on('data', chunk => {
      said += chunk;
    });
    createInterface({ input: child.stdout }).on('line', line => {
      const entry = JSON.parse(line) as Entry;
      result = entry.jobResult ?? result;
      play.tell(entry);
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    });
    signal.removeEventListener('abort', stop);
    clearTimeout(limit);
    return { succeeded: code === 0 && result === 'success', said };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
