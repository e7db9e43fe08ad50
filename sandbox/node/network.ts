import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Child, Run } from '../run.ts';

const execute = promisify(execFile);

/** The addresses of one node. All of them lie in one block, which this side routes to the node. */
export interface Addresses {
  /** This side's end of the cable: what listens here can be reached from pods. */
  host: string;
  node: string;
  services: string;
  /** The service `kubernetes.default`: the first of the services. */
  api: string;
  dns: string;
  pods: string;
  block: string;
}

/** `/20`s of 198.18.0.0/15, which is set aside for tests of networks and is nobody's (RFC 2544). */
export const blocks = 32;

export function addresses(index: number): Addresses {
  const base = (198 << 24) + (18 << 16) + (index << 12);
  const at = (offset: number) => [24, 16, 8, 0].map(bits => ((base + offset) >>> bits) & 255).join('.');
  return {
    host: at(1),
    node: at(2),
    services: `${at(4 << 8)}/22`,
    api: at((4 << 8) + 1),
    dns: at((4 << 8) + 10),
    pods: `${at(8 << 8)}/21`,
    block: `${at(0)}/20`,
  };
}

/** True if two ranges of addresses, `a.b.c.d/n` or a single address, have one in common. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [one, other].map(range => {
    const [address = '', length = '32'] = range.split('/');
    const number = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
    return { number, size: 2 ** (32 - Number(length)) };
  });
  if (!a || !b) return false;
  const size = Math.max(a.size, b.size);
  return Math.floor(a.number / size) === Math.floor(b.number / size);
}

export interface Network extends Addresses {
  /** Goes before a command that runs in this network. */
  enter: string[];
  /** Takes it down, with its interfaces on both sides. */
  stop(): Promise<void>;
}

/**
 * A network namespace, with a cable to the one that this process is in. The process that holds it waits and nothing more;
 * when it ends and nothing else is in the namespace, cable, routes and rules are gone.
 * @throws Error when all blocks are in use
 */
export async function openNetwork(run: Run, name: string): Promise<Network> {
  const holder = await run.start(`${name}-network`, 'unshare', ['--net', 'catatonit', '-P']);
  const enter = ['nsenter', `--net=/proc/${holder.pid}/ns/net`];
  try {
    // Only when the holder has become catatonit is it certainly in a network of its own.
    await until(async () =>
      (await execute('readlink', [`/proc/${holder.pid}/exe`])).stdout.includes('catatonit'),
    );
    return await connect(holder, enter, `${basename(run.folder)}/${name}`);
  } catch (error) {
    await holder.stop();
    throw error;
  }
}

async function connect(holder: Child, enter: string[], alias: string): Promise<Network> {
  const { stdout } = await execute('ip', ['-json', 'route', 'show']);
  const routes = (JSON.parse(stdout) as { dst: string }[])
    .map(({ dst }) => dst)
    .filter(dst => dst !== 'default');
  for (let index = 0; index < blocks; index++) {
    const range = addresses(index);
    if (routes.some(route => overlap(route, range.block))) continue;
    const device = `slipway${index}`;
    // The name is the claim: it exists once in this namespace. The cable appears with both its ends in place.
    const cable = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', String(holder.pid)];
    const taken = await execute('ip', ['link', 'add', device, ...cable]).then(
      () => false,
      error => {
        if (/File exists/.test(error.stderr)) return true;
        throw error;
      },
    );
    if (taken) continue;
    const ip = (...args: string[]) => execute('ip', args);
    const [command = '', ...inside] = enter;
    const ipInside = (...args: string[]) => execute(command, [...inside, 'ip', ...args]);
    await ipInside('link', 'set', 'lo', 'up');
    await ipInside('address', 'add', `${range.node}/30`, 'dev', 'eth0');
    await ipInside('link', 'set', 'eth0', 'up');
    await ipInside('route', 'add', 'default', 'via', range.host);
    await ip('link', 'set', device, 'alias', alias); // so that people see whose it is
    await ip('address', 'add', `${range.host}/30`, 'dev', device);
    await ip('link', 'set', device, 'up');
    await ip('route', 'add', range.block, 'via', range.node);
    const stop = async () => {
      await ip('link', 'delete', device).catch(() => {}); // it goes with the holder, if that was quicker
      await holder.stop();
    };
    return { ...range, enter, stop };
  }
  throw new Error(
    `All ${blocks} networks that nodes may have (198.18.0.0/15) are in use: see \`ip route\` and end what is not needed.`,
  );
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await condition()); await sleep(20))
    if (Date.now() > deadline) throw new Error('A network namespace was not made within 30 s');
}
