import { expect, test } from 'vitest';
import { cacheKey, describe, linkerFlags, pinned, pinnedVersion, readPins, toolNames } from './parts.ts';

const pins = readPins('kubernetes');

test.each(toolNames)('the package of %s is a tool of its module', name => {
  const { part, package: packagePath } = describe(name);
  expect(readPins(part).mod).toMatch(new RegExp(`^(tool|\\t)\\s*${packagePath}$`, 'm'));
});

test.each(['kubernetes', 'kubernetes-node'])(
  'every module of %s is of the same release of Kubernetes',
  part => {
    const release = pinned('kube-apiserver').replace(/^1\./, 'v0.');
    expect([pinned('kubelet'), pinned('kube-proxy')]).toEqual(Array(2).fill(pinned('kube-apiserver')));
    const staged = [...readPins(part).mod.matchAll(/^\t(k8s\.io\/\S+) => (\S+) (\S+)$/gm)];
    expect(staged.length).toBeGreaterThan(20);
    for (const [, from, to, version] of staged) expect([to, version]).toEqual([from, release]);
  },
);

test('a package takes the version of the module with the longest matching path', () => {
  const mod =
    'require (\n\ta.example/x v1.0.0\n\ta.example/x/y v2.0.0 // indirect\n)\nrequire a.example/x/yz v3.0.0\n';
  expect(pinnedVersion(mod, 'a.example/x/y/cmd/tool')).toBe('2.0.0');
  expect(pinnedVersion(mod, 'a.example/x/yz')).toBe('3.0.0');
  expect(pinnedVersion(mod, 'a.example/x/other')).toBe('1.0.0');
  expect(() => pinnedVersion(mod, 'a.example/xy')).toThrow('pins no module');
});

test('kubectl and the API server report the pinned release', () => {
  const [major, minor] = pinned('kubectl').split('.');
  for (const name of ['kubectl', 'kube-apiserver'] as const) {
    const flags = linkerFlags(name, pins.mod);
    expect(flags).toContain(`-X k8s.io/client-go/pkg/version.gitVersion=v${pinned('kubectl')}`);
    expect(flags).toContain(`-X k8s.io/component-base/version.gitMajor=${major}`);
    expect(flags).toContain(`-X k8s.io/component-base/version.gitMinor=${minor}`);
  }
});

test('whatever changes a binary changes its place in the cache, and nothing else does', () => {
  const key = cacheKey('kubernetes', pins, 'linux/x64');
  expect(cacheKey('kubernetes', { ...pins }, 'linux/x64')).toBe(key);
  const others = [
    cacheKey('kubernetes', { ...pins, mod: `${pins.mod}\n` }, 'linux/x64'),
    cacheKey('kubernetes', { ...pins, sum: pins.sum.slice(1) }, 'linux/x64'),
    cacheKey('kubernetes', { ...pins, mod: pins.mod.replace(/(kubernetes v1\.)\d+/, '$199') }, 'linux/x64'),
    cacheKey('kubernetes', pins, 'linux/arm64'),
  ];
  expect(new Set([key, ...others]).size).toBe(5);
});
