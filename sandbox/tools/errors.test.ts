import { expect, test } from 'vitest';
import { explainBuild, explainCache } from './errors.ts';

const offline =
  'go: github.com/yannh/kubeconform@v0.7.0: Get "https://proxy.example/@v/v0.7.0.zip": dial tcp: lookup proxy.example: no such host';
const compileError = `${'noise\n'.repeat(40)}./main.go:3:1: undefined: x\n`;

test.each([
  ['no network', offline, 1e9, /^The sources of etcd are not on this machine .*no such host.*connect once/],
  [
    'no space',
    'write $WORK/b012/_pkg_.a: no space left on device',
    1e9,
    /^The disk is full: .* in \/cache,.* \d+ GB/,
  ],
  ['no space, unsaid', 'package internal/saferio is not in std', 2e6, /^The disk is full: etcd/],
  ['anything else', compileError, 1e9, /^etcd does not build.*\n(noise\n){14}.*undefined: x$/],
])('a build that failed: %s', (_, output, free, sentence) => {
  expect(explainBuild('etcd', output, '/cache', free).message).toMatch(sentence);
});

test.each([
  ["ENOSPC: no space left on device, mkdir '/cache'", /^The disk is full/],
  [
    "EACCES: permission denied, mkdir '/cache'",
    /^etcd cannot be built because \/cache .*EACCES.*XDG_CACHE_HOME/,
  ],
])('a cache that cannot be used: %s', (message, sentence) => {
  expect(explainCache('etcd', new Error(message), '/cache').message).toMatch(sentence);
});
