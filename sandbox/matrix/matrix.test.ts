import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gate, openGate } from './gate.ts';
import { effects, rowsOf, sample } from './rows.ts';
import { quickly } from './world.ts';

const ways = Object.keys(effects).length;
const call = (label: string, by: 'us' | 'kubectl' | 'terraform', nth = 0) => ({
  ...{ label, nth, by, writes: / (PUT|POST) /.test(label) },
});
const undisturbed = (calls: ReturnType<typeof call>[]) => ({ calls, state: '', writes: new Set<string>() });

test('every call of ours is struck in each way, of other programs the first of each kind and the last that writes', () => {
  const secret = (namespace: string, name: string) =>
    call(`kubernetes GET /api/v1/namespaces/${namespace}/secrets/${name}`, 'kubectl');
  const role = (name: string) =>
    call(`kubernetes GET /apis/rbac.authorization.k8s.io/v1/clusterroles/${name}?timeout`, 'kubectl');
  const [upload, question] = ['storage PUT /state/shop.tfstate', 'exoscale GET /operation/ID'];
  const rows = rowsOf(
    undisturbed([
      ...[0, 1, 2].map(nth => call('a GET /x', 'us', nth)),
      ...[secret('one', 'a'), secret('two', 'b'), role('a'), role('b')],
      ...[0, 1, 2].flatMap(nth => [call(upload, 'terraform', nth), call(question, 'terraform', nth)]),
      call('storage PUT /state/once', 'terraform'),
    ]),
  );
  expect(rows).toHaveLength(9 * ways);
  expect(rows.filter(({ what }) => what === 'kill').map(({ call: { label, nth } }) => [label, nth])).toEqual([
    ...[0, 1, 2].map(nth => ['a GET /x', nth]),
    ['kubernetes GET /api/v1/namespaces/one/secrets/a', 0],
    ['kubernetes GET /apis/rbac.authorization.k8s.io/v1/clusterroles/a?timeout', 0],
    [upload, 0],
    [question, 0],
    [upload, 2],
    ['storage PUT /state/once', 0],
  ]);
});

test('a seed chooses the same rows every time, and another seed others', () => {
  const rows = rowsOf(undisturbed(Array.from({ length: 20 }, (_, nth) => call('a GET /x', 'us', nth))));
  expect(sample(rows, 10, 1)).toEqual(sample(rows, 10, 1));
  expect(sample(rows, 10, 1)).not.toEqual(sample(rows, 10, 2));
  expect(new Set(sample(rows, rows.length, 3)).size).toBe(rows.length);
});

const server = createServer((request, response) => response.end(`seen ${request.url}`));
let gate: Gate;
let url: string;
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  gate = openGate();
  url = await gate.before('api', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(async () => {
  await gate.close();
  server.close();
});

test('the gate counts calls by what they are about, and strikes at one', async () => {
  const label = 'api GET /zones/ID/N?page';
  const zone = '0123456789abcdef0123456789abcdef';
  const ask = (page: number) => fetch(`${url}/zones/${zone}/17?page=${page}`);
  let struck = 0;
  gate.begin({ point: { label, nth: 1 }, effect: effects[502], struck: () => struck++ });
  expect((await ask(1)).status).toBe(200);
  expect([gate.hasStruck(), struck]).toEqual([false, 0]);
  expect((await ask(2)).status).toBe(502);
  expect([gate.hasStruck(), struck]).toEqual([true, 1]);
  expect(await (await ask(3)).text()).toBe(`seen /zones/${zone}/17?page=3`);
  expect(gate.calls).toEqual([0, 1, 2].map(nth => ({ label, nth, by: 'us', writes: false })));
});

test('limits of time are up when a signal says so, also those on the rest of an answer', async () => {
  const program = `
    const limit = AbortSignal.timeout(60_000);
    const cleared = setTimeout(() => console.log('never'), 60_000);
    clearTimeout(cleared);
    setTimeout(() => console.log('up'), 60_000);
    process.kill(process.pid, 'SIGUSR2');
    await fetch(process.env.STALLING, { signal: limit }).then(each => each.text()).catch(error => console.log(error.name));`;
  const point = { label: 'api GET /half', nth: 0 };
  gate.begin({ point, effect: effects.hang });
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, ...quickly, STALLING: `${url}/half` },
  });
  expect(stdout.trim().split('\n').sort()).toEqual(['TimeoutError', 'up']);
});
