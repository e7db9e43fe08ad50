import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { hierarchies, lackingControllers } from '../cgroups.ts';
import { ToolError } from '../tools/errors.ts';
import { allowServices, installPackages } from './packages.ts';

/** What a node needs of the machine, and the Debian package that has it. */
export const programs: Record<string, string> = {
  containerd: 'containerd',
  runc: 'runc',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
  iptables: 'iptables',
  ip: 'iproute2',
  mount: 'mount',
  unshare: 'util-linux',
  hostname: 'hostname',
  '/usr/bin/catatonit': 'catatonit',
  '/usr/bin/redis-server': 'redis-server',
  '/usr/bin/redis-cli': 'redis-tools',
  '/usr/bin/tini': 'tini',
  '/usr/bin/git': 'git',
  '/usr/bin/gpg': 'gpg',
  '/usr/bin/gpg-agent': 'gpg-agent',
  '/usr/bin/gpgconf': 'gpgconf',
  '/usr/bin/ssh': 'openssh-client',
  '/usr/bin/pg_dump': 'postgresql-client',
  '/usr/share/zoneinfo': 'tzdata',
  '/etc/ssl/certs/ca-certificates.crt': 'ca-certificates',
};

/** The same, of what a node does without: the test of the NetworkPolicies enforces them. */
const besides: Record<string, string> = { ipset: 'ipset' };

/** How the doctor looks at a machine. */
export interface Patient {
  platform: NodeJS.Platform;
  root: boolean;
  /** A program on the PATH, or a file. */
  has(program: string): boolean;
  /** True if the command ends well. */
  can(command: string, ...args: string[]): boolean;
  kernelHas(feature: 'overlay' | 'br_netfilter'): boolean;
  /** True if a cgroup can be made in every hierarchy, and there is one. */
  cgroups(): boolean;
  /** The controllers that a kubelet needs and no hierarchy has. */
  lackingControllers(): string[];
  /** True if overlays can be mounted over folders where a node's containers will be. */
  overlays(): boolean;
  /** True if packets can be held against sets of addresses, by which NetworkPolicies are enforced. */
  sets(): boolean;
}

/** One sentence for each thing that this machine lacks for a real node. Looks only. */
export function doctor(patient: Patient = here): string[] {
  const wrong = wrongPlace(patient);
  if (wrong.length > 0) return wrong;
  const missing = missingOf(programs, patient);
  const packages = `Debian packages are missing: apt-get install ${missing.join(' ')}`;
  return [...(missing.length > 0 ? [packages] : []), ...incurable(patient)];
}

function wrongPlace(patient: Patient): string[] {
  if (patient.platform !== 'linux')
    return [
      'A real node needs Linux: use a virtual machine, or the quick demo (npm run demo), which runs anywhere.',
    ];
  if (!patient.root)
    return [
      'A real node needs root, for namespaces and mounts: run this again with sudo, or the quick demo without.',
    ];
  return [];
}

/** What no package mends. */
function incurable(patient: Patient): string[] {
  const namespaces = ['--mount', '--net', '--pid', '--ipc', '--uts', '--fork'];
  const isolated = patient.has('unshare') && patient.can('unshare', ...namespaces, 'true');
  const overlay = patient.kernelHas('overlay');
  const cgroups = patient.cgroups();
  const lacking = cgroups ? patient.lackingControllers() : [];
  return [
    patient.has('unshare') &&
      !isolated &&
      'Namespaces cannot be made here (`unshare --mount --net --pid --ipc --uts --fork true` fails): in a container, it must be a privileged one.',
    !overlay && 'The kernel has no overlayfs: modprobe overlay',
    overlay &&
      isolated &&
      patient.has('mount') &&
      !patient.overlays() &&
      `No overlay can be mounted in ${tmpdir()}: set TMPDIR to a folder on a disk, as an overlay cannot lie on another.`,
    !patient.kernelHas('br_netfilter') &&
      'Bridges are not filtered, so Services would not work: modprobe br_netfilter',
    !cgroups && 'No cgroup can be made in /sys/fs/cgroup: mount it writable.',
    lacking.length > 0 &&
      `The cgroups here have no ${lacking.join(', ')}, which the kubelet needs: see cgroup_disable among the kernel's parameters; in a container or a unit with cgroup v2 only, have them delegated.`,
  ].filter(line => line !== false);
}

/** One sentence for each thing that a machine fit for a real node lacks all the same. Looks only. */
export function shortcomings(patient: Patient = here): string[] {
  if (!patient.has('ipset'))
    return [
      'A Debian package is missing, so the test of the NetworkPolicies is left out: apt-get install ipset',
    ];
  const sets =
    'The kernel cannot hold packets against sets of addresses (modprobe ip_set_hash_net xt_set), so the test of the NetworkPolicies is left out.';
  return patient.sets() ? [] : [sets];
}

export const missingPackages = (patient: Patient): string[] =>
  missingOf({ ...programs, ...besides }, patient);

const missingOf = (packages: Record<string, string>, patient: Patient): string[] => [
  ...new Set(Object.entries(packages).flatMap(([name, owner]) => (patient.has(name) ? [] : [owner]))),
];

/**
 * Makes the machine fit for a real node: as root on Debian it installs the packages that are missing, once nothing else is.
 * @param report a line of progress
 * @throws ToolError with all that is still missing, a sentence a line
 */
export async function prepareMachine(report: (line: string) => void): Promise<void> {
  const before = [wrongPlace(here), incurable(here)].find(lines => lines.length > 0);
  if (before) throw new ToolError(before.join('\n'));
  allowServices();
  const packages = missingPackages(here);
  if (packages.length > 0 && here.has('apt-get')) await installPackages(packages, report);
  const lacking = doctor();
  if (lacking.length > 0) throw new ToolError(lacking.join('\n'));
  for (const line of shortcomings()) report(line);
}

const folders = () => `${process.env.PATH}:/usr/sbin:/sbin`.split(delimiter);

const here: Patient = {
  platform: process.platform,
  root: process.getuid?.() === 0,
  has: program =>
    program.startsWith('/')
      ? existsSync(program)
      : folders().some(folder => existsSync(join(folder, program))),
  can(command, ...args) {
    try {
      execFileSync(command, args, { stdio: 'ignore', env: { PATH: folders().join(delimiter) } });
      return true;
    } catch {
      return false;
    }
  },
  kernelHas(feature) {
    const present =
      feature === 'overlay'
        ? () => /\boverlay$/m.test(readFileSync('/proc/filesystems', 'utf8'))
        : () => existsSync('/proc/sys/net/bridge/bridge-nf-call-iptables');
    return present() || (here.can('modprobe', feature) && present());
  },
  cgroups() {
    const all = hierarchies();
    try {
      for (const hierarchy of all) {
        const probe = join(hierarchy, `slipway-doctor-${process.pid}`);
        mkdirSync(probe);
        rmdirSync(probe);
      }
      return all.length > 0;
    } catch {
      return false;
    }
  },
  lackingControllers,
  overlays() {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-doctor-'));
    try {
      const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map(name =>
        join(folder, name),
      );
      for (const each of [lower, upper, work, merged]) mkdirSync(each ?? '');
      const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
      const mount = ['mount', '-t', 'overlay', 'overlay', '-o', layers, merged ?? ''];
      return here.can('unshare', '--mount', ...mount); // gone with its namespace
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  sets: () => here.can('unshare', '--net', 'sh', '-euc', probe),
};

/** Of all that kube-router writes what kube-proxy does not write too; in a network that is gone at its end. */
const probe = `
  ipset create slipway hash:net timeout 0
  iptables --append FORWARD --match set --match-set slipway src --match physdev --physdev-is-bridged --jump REJECT
  iptables --append FORWARD --match limit --limit 10/minute --jump NFLOG --nflog-group 100`;
