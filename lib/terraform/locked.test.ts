import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Runner } from '../runner/runner.ts';
import type { Bucket } from './bucket.ts';
import { type Keeping, sealErrored, sealedFile } from './errored.ts';
import { locked } from './locked.ts';
import type { StateAccess } from './recover.ts';

/* What guards a state that could not be uploaded, when putting it back goes wrong. */

const key = 'shop/staging.tfstate';
const state = { bucket: 'state', key, zone: 'ch-gva-2', endpoint: 'https://sos-ch-gva-2.exo.io' };
const text = JSON.stringify({ lineage: 'one', serial: 5, resources: [] });

let root: string;
let turn = 0;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-locked-'));
  turn++;
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface Run extends Partial<StateAccess> {
  recover?: boolean;
  changed?: Partial<Keeping>;
}

/** A bucket that was away when an apply ended: its lock stands, and the sealed state is a file. */
async function world({ left = text } = {}) {
  const objects = new Map([
    ['slipway-lock-probe', 'probe'],
    [`${key}.tflock`, JSON.stringify({ ID: 'old' })],
  ]);
  const writes: string[] = [];
  const bucket: Bucket = async (method, name, { headers, body = '' } = {}) => {
    const present = objects.get(name);
    if (method === 'GET') return { status: present === undefined ? 404 : 200, body: present ?? '' };
    if (headers?.['if-none-match'] && present !== undefined) return { status: 412, body: '' };
    writes.push(`${method} ${name}`);
    if (method === 'PUT') objects.set(name, body);
    else objects.delete(name);
    return { status: 200, body: '' };
  };
  const said: string[] = [];
  const runner = {
    context: {},
    ...{ save() {}, progress() {}, output() {} },
    ...{ info: said.push.bind(said), notice: said.push.bind(said) },
    ...{ warning: said.push.bind(said), error: said.push.bind(said) },
    stop: new AbortController().signal,
    graceful: <T>(work: () => Promise<T>) => work(),
    folder: () => mkdtemp(join(root, 'folder-')),
  } as unknown as Runner;
  // The sealed file lies in the folder where we run, under the name of the environment.
  const environment = join(root, `staging-${turn}`);
  const directory = join(root, 'terraform');
  await mkdir(directory);
  const keeping: Keeping = { environment, directory, bucket, state, secret: 'the secret of the key' };
  await writeFile(join(directory, 'errored.tfstate'), left);
  await sealErrored(runner, keeping, 'old');
  const pushed: string[] = [];
  const access: StateAccess = {
    pull: async () => undefined,
    push: async file => void pushed.push(file),
  };
  return {
    ...{ objects, writes, keeping, pushed, said, file: sealedFile(environment) },
    here: async () => (await readdir(root)).some(name => name.endsWith('.errored.json')),
    run: ({ recover = true, changed = {}, ...more }: Run = {}) =>
      locked(
        runner,
        { ...keeping, ...changed },
        { operation: 'apply', version: '1.11.4', recover },
        { ...access, ...more },
        async () => 'applied',
      ),
  };
}

test('a state that is a file is put back, and its lock, the file and what blocks are gone', async () => {
  const { run, objects, pushed, here } = await world();
  expect(await run()).toBe('applied');
  expect(pushed).toHaveLength(1);
  expect([...objects.keys()]).toEqual(['slipway-lock-probe']);
  expect(await here()).toBe(false);
});

test('with another key nothing is touched: the lock stays, and so does the file', async () => {
  const { run, writes, here } = await world();
  await expect(run({ changed: { secret: 'another secret' } })).rejects.toThrow('cannot be opened');
  expect(writes).toEqual([]);
  expect(await here()).toBe(true);
});

test.each([
  {
    what: 'the push fails',
    push: async () => Promise.reject(new Error('the push failed')),
    message: 'the push failed',
  },
  {
    what: 'the present state is another',
    pull: async () => ({ lineage: 'two', serial: 1, text }),
    message: 'not of the same resources',
  },
])('when $what, the state blocks the next apply from the bucket', async ({ message, what: _, ...access }) => {
  const { run, objects, writes, here } = await world();
  await expect(run(access)).rejects.toThrow(message);
  expect(objects.get(`${key}.errored`)).toContain('"lineage":"one"');
  expect(writes.indexOf(`PUT ${key}.errored`)).toBeLessThan(writes.indexOf(`DELETE ${key}.tflock`));
  expect(await here()).toBe(true);
  await expect(run({ recover: false })).rejects.toThrow('--recover');
});

test('a sealed state in this folder blocks an apply that is not told to recover', async () => {
  const { run, writes, keeping } = await world();
  await expect(run({ recover: false })).rejects.toThrow(
    `The state of ${keeping.environment} could not be uploaded at `,
  );
  expect(writes).toEqual([]);
});

test.each(['', '{"lock"', '{}', '[]', 'bm90IG91cnM=', 'null'])(
  'a file that is no sealed state (%s) is refused before anything is changed',
  async content => {
    const { run, writes, file } = await world();
    await writeFile(file, content);
    for (const recover of [true, false])
      await expect(run({ recover })).rejects.toThrow(`${file} is no sealed state, or half of one`);
    expect(writes).toEqual([]);
  },
);

test('half a state is kept and blocks, and whoever would put it back is told what helps', async () => {
  const { run, writes, here } = await world({ left: text.slice(0, 20) });
  expect(await here()).toBe(true);
  await expect(run({ recover: false })).rejects.toThrow('--recover');
  await expect(run()).rejects.toThrow(/was killed while it wrote .* look in Exoscale's console/);
  expect(writes).toEqual([]);
});
