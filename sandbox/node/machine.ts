import { execFile } from 'node:child_process';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Child, Run } from '../run.ts';
import { containerdConfig } from './config.ts';

const execute = promisify(execFile);

/** Where a root's programs are, whatever the PATH of who became root. */
const env = { PATH: `${process.env.PATH}:/usr/sbin:/sbin:/usr/bin:/bin` };

export interface Machine {
  /** Starts what stays, in the machine. */
  start(part: string, command: string, args: string[], ready?: () => Promise<unknown>): Promise<Child>;
  /** Puts a file into the machine, with the folders above it. */
  write(path: string, content: string): Promise<void>;
  /** Runs a command in the machine to its end, and returns what it printed. */
  execute(command: string, ...args: string[]): Promise<string>;
  /** Ends all that runs in it. Its files stay. */
  stop(): Promise<void>;
}

export interface MachineOptions {
  /** Its processes' logs begin with this. */
  name: string;
  /** What is in its /var/lib/containerd, /var/lib/kubelet and /var/log/pods lies in here under these paths. */
  folder: string;
  /** Goes before its first command: how to get into its network. */
  enter: string[];
}

/**
 * What a container runtime and a kubelet may take for a machine of their own: mounts, processes, IPC and host name are, and
 * containerd is up. It is one family of processes: when the first ends, by whatever signal, the kernel ends the rest.
 */
export async function openMachine(run: Run, { name, folder, enter }: MachineOptions): Promise<Machine> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const namespaces = ['--mount', '--pid', '--ipc', '--uts', '--propagation=private'];
  const lifetime = ['--fork', '--kill-child', '--mount-proc'];
  const script = join(import.meta.dirname, 'machine.sh');
  const [first = '', ...rest] = [...enter, 'unshare', ...namespaces, ...lifetime, 'sh', script, folder];
  const machine = await run.start(`${name}-machine`, first, rest, {
    env,
    ready: () => access(join(folder, 'up')),
  });
  const children = [machine];
  const of = (kind: string) => `/proc/${machine.pid}/ns/${kind}`;
  const inside = [
    ...[`--net=${of('net')}`, `--mount=${of('mnt')}`, `--ipc=${of('ipc')}`, `--uts=${of('uts')}`],
    ...[`--pid=${of('pid_for_children')}`, '--wdns=/', '--'],
  ];

  async function write(path: string, content: string): Promise<void> {
    const seen = join(`/proc/${machine.pid}/root`, path); // as the machine sees it, all its mounts included
    await mkdir(dirname(seen), { recursive: true });
    await writeFile(seen, content);
  }
  async function start(part: string, command: string, args: string[], ready?: () => Promise<unknown>) {
    const options = { env, ...(ready && { ready }) };
    const child = await run.start(`${name}-${part}`, 'nsenter', [...inside, command, ...args], options);
    children.push(child);
    return child;
  }
  async function executeInside(command: string, ...args: string[]): Promise<string> {
    const options = { env: run.environment(env), maxBuffer: 2 ** 26 };
    return (await execute('nsenter', [...inside, command, ...args], options)).stdout;
  }
  const stop = async () => void (await Promise.all(children.map(child => child.stop())));

  try {
    const config = join(folder, 'containerd.toml');
    await writeFile(config, containerdConfig);
    // It answers only when all its plugins are up.
    const ready = () => executeInside('ctr', '--connect-timeout', '1s', 'version');
    await start('containerd', 'containerd', ['--config', config], ready);
    return { start, write, execute: executeInside, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
