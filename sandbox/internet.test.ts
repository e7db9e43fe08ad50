import { readlinkSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { isInside, openInternet } from './internet.ts';

afterEach(() => vi.unstubAllEnvs());

const onLinux = process.platform === 'linux';
const here = onLinux ? readlinkSync('/proc/self/ns/net') : '';

test.each([
  ['nothing is said', undefined],
  ['somebody has exported the variable', '1'],
  ['somebody has exported it out of an earlier sandbox', here],
])('the network is the machine’s, and not touched, when %s', async (_, value) => {
  vi.stubEnv('SLIPWAY_INTERNET', value);
  expect(isInside()).toBe(false);
  await expect(openInternet()).rejects.toThrow(/start with enter/);
});

test.runIf(onLinux)('it is the sandbox’s own when another one was left for it', () => {
  vi.stubEnv('SLIPWAY_INTERNET', 'net:[1]');
  expect(isInside()).toBe(true);
});
