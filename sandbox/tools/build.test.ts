import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type BuildEvent, build, duration, sentence, tool } from './build.ts';
import { toolPath } from './cache.ts';
import { isOlder } from './go.ts';
import { type ToolName, tools } from './parts.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'tools-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
  vi.stubEnv('PATH', '/nowhere');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

const pretendBuilt = (name: ToolName) => {
  mkdirSync(dirname(toolPath(name)), { recursive: true });
  writeFileSync(toolPath(name), '');
};

test('what is cached needs no Go and is not worth a word', async () => {
  pretendBuilt('etcd');
  const events: BuildEvent[] = [];
  await build(['etcd'], event => events.push(event));
  expect(events).toEqual([]);
  expect(await tool('etcd')).toBe(toolPath('etcd'));
});

test('the plan names what is missing, in the order of need; what waits behind a failure fails with it', async () => {
  pretendBuilt('etcd');
  const events: BuildEvent[] = [];
  const built = build(['kwok', 'etcd', 'gofakes3'], event => events.push(event));
  const behind = tool('gofakes3');
  await expect(built).rejects.toThrow(
    /^Go is not on the PATH, and Go 1\.\d+(\.\d+)? or newer is needed to build kwok: .*go\.dev\/dl/,
  );
  await expect(behind).rejects.toThrow('build kwok');
  const seconds = tools.kwok.seconds + tools.gofakes3.seconds;
  expect(events).toEqual([
    { kind: 'plan', tools: ['kwok', 'gofakes3'], seconds, folder: join(cache, 'slipway') },
    { kind: 'started', tool: 'kwok', seconds: tools.kwok.seconds },
  ]);

  await expect(tool('gofakes3')).rejects.toThrow('build gofakes3');
});

test.each([
  ['1.24.2', '1.24.10', true],
  ['1.23', '1.24.0', true],
  ['1.24', '1.24.0', false],
  ['1.26rc1', '1.24.0', false],
  ['2.0', '1.99.9', false],
])('is Go %s older than %s: %s', (version, wanted, older) => {
  expect(isOlder(version, wanted)).toBe(older);
});

test.each([
  [3.04, '3 s'],
  [5.26, '5.3 s'],
  [9.96, '10 s'],
  [89.4, '89 s'],
  [89.6, '1 min 30 s'],
  [219.7, '3 min 40 s'],
])('%d seconds read %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
  expect(sentence({ kind: 'finished', tool: 'kwok', seconds })).toContain(text);
});
