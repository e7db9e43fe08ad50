import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * The network of a sandbox with real nodes: a network namespace of its own with no way out. Addresses in it look public,
 * nothing leaves, two at once do not meet, and with the last process it is gone.
 */
export interface Internet {
  /** Where the sandbox's servers listen that nodes and pods must reach. */
  address: string;
  /** Replaces all forwarding by this one. */
  forward(rules: readonly Forwarding[]): Promise<void>;
}

/** What arrives at an address goes on to one of the targets, with the client's address as it was: what a network load balancer does. */
export interface Forwarding {
  address: string;
  port: number;
  protocol: 'tcp' | 'udp';
  targets: readonly { address: string; port: number }[];
}

/** Says in the environment of who runs inside which network it has left. */
const marker = 'SLIPWAY_INTERNET';
/** For documentation (RFC 5737), so nobody real is shadowed; Exoscale's stand-in hands out load balancers in it. */
const network = '203.0.113.1/24';
const chain = 'LOAD-BALANCERS';

const ownNetwork = (): string => readlinkSync('/proc/self/ns/net');

/**
 * Whether this process runs in a network of the sandbox's own, from which nothing can be fetched. The variable alone, which
 * somebody may have exported, is no proof: the network must also be another than the one that it names.
 */
export function isInside(): boolean {
  const left = process.env[marker] ?? '';
  return /^net:\[\d+\]$/.test(left) && left !== ownNetwork();
}

/** How Node is started in a network of its own, in which `isInside` is true. */
export const unshared = (
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): { file: string; argv: string[]; env: NodeJS.ProcessEnv } => ({
  ...{ file: 'unshare', argv: ['--net', process.execPath, ...argv] },
  env: { ...env, [marker]: ownNetwork() },
});

/**
 * Runs this very program once more, in a network of its own, and takes its end for ours.
 * @param outside goes on here meanwhile, where there is a network: fetches and builds. What it tells arrives in the
 *   other's `heard`, and so does its failure.
 * @returns the exit code
 */
export async function enter(outside: (tell: (message: object) => void) => Promise<unknown>): Promise<number> {
  const { file, argv, env } = unshared([...process.execArgv, ...process.argv.slice(1)]);
  const inside = spawn(file, argv, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  // The terminal's ^C reaches both: this one waits for the other to put things away.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (signal !== 'SIGINT') inside.kill(signal);
    });
  }
  const tell = (message: object) => {
    if (inside.connected) inside.send(message);
  };
  outside(tell).catch((error: Error) => tell({ error: { name: error.name, message: error.message } }));
  const [code, signal] = (await once(inside, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + constants.signals[signal as NodeJS.Signals];
}

/** Hears what the program outside tells, and rejects when it fails there. Does not keep this one up. */
export function heard<Message extends object>(hear: (message: Message) => void): Promise<never> {
  return new Promise((_, reject) => {
    process.on('message', (message: Message | { error: { name: string; message: string } }) => {
      if (!('error' in message)) return hear(message);
      reject(Object.assign(new Error(message.error.message), { name: message.error.name }));
    });
    process.channel?.unref();
  });
}

/** Waits for what the program outside makes. */
export async function arrival(isThere: () => boolean): Promise<void> {
  while (!isThere()) await sleep(100);
}

/**
 * Sets the network up; once in its life.
 * @throws Error when this process is not inside, whose network is not ours to change
 */
export async function openInternet(): Promise<Internet> {
  if (!isInside()) throw new Error('The network here is the machine’s: start with enter()');
  await execute('ip', ['link', 'set', 'lo', 'up']);
  // On the loopback the whole range is local: every address in it can be listened on and connected to.
  await execute('ip', ['address', 'replace', network, 'dev', 'lo']);
  await execute('sysctl', ['--quiet', '--write', 'net.ipv4.ip_forward=1']);
  await restore([
    ...[`:${chain} -`, `-A PREROUTING -j ${chain}`, `-A OUTPUT -j ${chain}`],
    // A pod that calls its own load balancer: without this its node would answer it past the translation.
    '-A POSTROUTING -m conntrack --ctstate DNAT ! -s 203.0.113.0/24 -j MASQUERADE',
  ]);
  return {
    address: network.replace(/\/.*/, ''),
    forward: rules => restore([`-F ${chain}`, ...rules.flatMap(translation)]),
  };
}

/** Each target gets its share of the new connections. */
function translation({ address, port, protocol, targets }: Forwarding): string[] {
  return targets.map((target, index) => {
    const left = targets.length - index;
    const share = left > 1 ? `-m statistic --mode random --probability ${(1 / left).toFixed(4)} ` : '';
    const to = `${target.address}:${target.port}`;
    return `-A ${chain} -d ${address} -p ${protocol} --dport ${port} ${share}-j DNAT --to-destination ${to}`;
  });
}

/** All of it or nothing. */
async function restore(rules: readonly string[]): Promise<void> {
  const child = spawn('iptables-restore', ['--noflush', '--wait'], { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', data => {
    said += data;
  });
  child.stdin.end(['*nat', ...rules, 'COMMIT', ''].join('\n'));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`iptables-restore: ${said.trim() || `exit code ${code}`}`);
}
