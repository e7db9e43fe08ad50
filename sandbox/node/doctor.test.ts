import { expect, test } from 'vitest';
import { doctor, missingPackages, type Patient, programs, shortcomings } from './doctor.ts';

const healthy: Patient = {
  platform: 'linux',
  root: true,
  has: () => true,
  can: () => true,
  kernelHas: () => true,
  cgroups: () => true,
  lackingControllers: () => [],
  overlays: () => true,
  sets: () => true,
};

test('a machine that has everything is told nothing', () => {
  expect(doctor(healthy)).toEqual([]);
  expect(shortcomings(healthy)).toEqual([]);
});

test('a kernel without sets keeps nobody from a node, and what is left out is said', () => {
  const patient = { ...healthy, sets: () => false };
  expect(doctor(patient)).toEqual([]);
  expect(shortcomings(patient)).toEqual([
    expect.stringMatching(/the test of the NetworkPolicies is left out/),
  ]);
});

test('a machine without ipset is fit for a node, is told what is left out and why, and gets it with the others', () => {
  const patient = { ...healthy, has: (name: string) => name !== 'ipset', sets: () => false };
  expect(doctor(patient)).toEqual([]);
  expect(shortcomings(patient)).toEqual([
    'A Debian package is missing, so the test of the NetworkPolicies is left out: apt-get install ipset',
  ]);
  expect(missingPackages({ ...healthy, has: name => !['ipset', 'runc'].includes(name) })).toEqual([
    'runc',
    'ipset',
  ]);
});

test.each<[string, Partial<Patient>, RegExp[]]>([
  ['another system', { platform: 'darwin', root: false }, [/^A real node needs Linux/]],
  ['an ordinary user', { root: false, has: () => false }, [/^A real node needs root.*sudo/]],
  [
    'a fresh Debian',
    { has: name => !['containerd', '/usr/bin/tini', 'unshare'].includes(name), can: () => false },
    [/: apt-get install containerd util-linux tini$/],
  ],
  ['a container', { can: command => command !== 'unshare' }, [/^Namespaces cannot be made.*privileged/]],
  ['an old kernel', { kernelHas: () => false }, [/modprobe overlay$/, /modprobe br_netfilter$/]],
  ['no cgroups', { cgroups: () => false, lackingControllers: () => ['cpu'] }, [/^No cgroup can be made/]],
  [
    'half of cgroup v2',
    { lackingControllers: () => ['cpuset', 'memory'] },
    [/^The cgroups here have no cpuset, memory, .* cgroup v2 only, have them delegated\.$/],
  ],
  ['an overlay for a disk', { overlays: () => false }, [/^No overlay can be mounted in .*set TMPDIR/]],
])('%s: one line for each thing', (_, lacks, lines) => {
  const said = doctor({ ...healthy, ...lacks });
  expect(said).toHaveLength(lines.length);
  said.forEach((line, index) => {
    expect(line).toMatch(lines[index] as RegExp);
  });
});

test('each package is named once', () => {
  const [line = ''] = doctor({ ...healthy, has: () => false });
  const named = line.split(' install ')[1]?.split(' ') ?? [];
  expect(named.toSorted()).toEqual([...new Set(Object.values(programs))].toSorted());
});
