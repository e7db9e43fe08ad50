import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError, UserErrors } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import type { Bucket } from './bucket.ts';
import { type Keeping, sealErrored, sealedFile } from './errored.ts';
import type { Operation } from './lock.ts';
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
  work?: () => Promise<string>;
  recover?: boolean;
  changed?: Partial<Keeping>;
}

/** A bucket that was away when an apply ended: its lock stands, and the sealed state is a file. */
async function world({ left = text, operation = 'apply' as Operation } = {}) {
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
    if (method === 'PUT') objects.set(name, String(body));
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
  const keeping: Keeping = {
    ...{ environment, operation, directory, bucket, state },
    secret: 'the secret of the key',
  };
  await writeFile(join(directory, 'errored.tfstate'), left);
  await sealErrored(runner, keeping, 'old');
  const pushed: string[] = [];
  const access: StateAccess = {
    pull: async () => undefined,
    push: async file => void pushed.push(file),
  };
  return {
    ...{ objects, writes, keeping, pushed, runner, said, file: sealedFile(environment) },
    here: async () => (await readdir(root)).some(name => name.endsWith('.errored.json')),
    run: ({ recover = true, changed = {}, work = async () => 'applied', ...more }: Run = {}) =>
      locked(
        runner,
        { ...keeping, ...changed },
        { version: '1.11.4', recover },
        { ...access, ...more },
        work,
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

test('when the push fails, the state blocks the next apply from the bucket', async () => {
  const { run, objects, writes, here } = await world();
  const push = async () => Promise.reject(new Error('the push failed'));
  await expect(run({ push })).rejects.toThrow('the push failed');
  expect(objects.get(`${key}.errored`)).toContain('"lineage":"one"');
  expect(writes.indexOf(`PUT ${key}.errored`)).toBeLessThan(writes.indexOf(`DELETE ${key}.tflock`));
  expect(await here()).toBe(true);
  await expect(run({ recover: false })).rejects.toThrow('--recover');
});

test.each([
  [
    { lineage: 'two', serial: 1 },
    /not of the same resources, and the present one is left as it is; if nothing/,
  ],
  [{ lineage: 'one', serial: 6 }, /was written since .* see with "terraform state list" what is missing and/],
])('a stale file, beside the state %j, is refused before it blocks anybody', async (present, message) => {
  const { run, writes, file, here } = await world();
  const error = await run({ pull: async () => ({ ...present, text: JSON.stringify(present) }) }).catch(
    (error: Error) => error,
  );
  expect(String(error)).toMatch(message);
  expect(String(error)).toContain(
    `delete ${file} and, in the bucket, ${key}.errored, where they are, and if its lock still stands, run "terraform force-unlock old"`,
  );
  expect(writes).toEqual([]);
  expect(await here()).toBe(true);
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

test('what the work threw comes before what its clean-up throws', async () => {
  const { run, keeping } = await world();
  let isAway = false;
  const bucket: Bucket = (...request) => {
    if (isAway) throw new UserError('the bucket cannot be reached');
    return keeping.bucket(...request);
  };
  const failing = (error: Error) =>
    run({
      changed: { bucket },
      work: async () => {
        isAway = true;
        throw error;
      },
    });
  const error = await failing(new UserErrors([new UserError('quota exceeded')])).catch(error => error);
  expect(error).toBeInstanceOf(UserErrors);
  expect(error.message).toBe('quota exceeded\nthe bucket cannot be reached');
});

test('a bug in the work keeps its stack, and what its clean-up throws is said', async () => {
  const { run, keeping, said } = await world();
  const bug = new TypeError('not a function');
  let isAway = false;
  const bucket: Bucket = (...request) => {
    if (isAway) throw new UserError('the bucket cannot be reached');
    return keeping.bucket(...request);
  };
  const work = async () => {
    isAway = true;
    throw bug;
  };
  await expect(run({ changed: { bucket }, work })).rejects.toBe(bug);
  expect(said).toContain('the bucket cannot be reached');
});

/** What somebody does while we wait for the lock. */
const meanwhile =
  (bucket: Bucket, act: () => unknown): Bucket =>
  async (...request) => {
    const [method, name] = request;
    if (method === 'PUT' && name.endsWith('.tflock')) await act();
    return bucket(...request);
  };

test('an errored.tfstate that comes while the lock is waited for stops the apply, and stays in clear', async () => {
  const { run, keeping, objects } = await world();
  const clear = join(keeping.directory, 'errored.tfstate');
  const bucket = meanwhile(keeping.bucket, () => writeFile(clear, text));
  const work = async () => Promise.reject(new Error('this must not be begun'));
  await expect(run({ changed: { bucket }, work })).rejects.toThrow(`${clear} is there`);
  expect(await readdir(keeping.directory)).toEqual(['errored.tfstate']);
  expect(objects.has(`${key}.tflock`)).toBe(false);
});

test('a sealed file that comes while the lock is waited for stops the apply', async () => {
  const { run, keeping, file, objects } = await world();
  const sealed = await readFile(file, 'utf8');
  await rm(file);
  objects.delete(`${key}.tflock`);
  const bucket = meanwhile(keeping.bucket, () => writeFile(file, sealed));
  await expect(run({ recover: false, changed: { bucket } })).rejects.toThrow('and is kept sealed beside it');
  expect(await readFile(file, 'utf8')).toBe(sealed);
});

test('when somebody else has put the state back meanwhile, and left another, it is that one that is put back', async () => {
  const { run, runner, keeping, file, objects } = await world();
  const ours = await readFile(file, 'utf8');
  await writeFile(join(keeping.directory, 'errored.tfstate'), text.replace('5', '6'));
  await sealErrored(runner, keeping, 'theirs');
  const theirs = await readFile(file, 'utf8');
  await writeFile(file, ours);
  const bucket = meanwhile(keeping.bucket, () => void objects.set(`${key}.errored`, theirs));
  const pushed: string[] = [];
  await run({
    changed: { bucket },
    pull: async () => ({ lineage: 'one', serial: 5, text }),
    push: async file => void pushed.push(await readFile(file, 'utf8')),
  });
  expect(pushed).toEqual([text.replace('5', '6')]);
  expect(objects.has(`${key}.errored`)).toBe(false);
});

test('what blocks and cannot be taken away is said', async () => {
  const { run, keeping, here } = await world();
  const bucket: Bucket = async (...request) =>
    request[0] === 'DELETE' && request[1].endsWith('.errored')
      ? { status: 409, body: '' }
      : keeping.bucket(...request);
  await expect(run({ changed: { bucket } })).rejects.toThrow(
    `The state is back, and ${key}.errored, which blocks the next apply, could not be deleted: the bucket answered 409; try again`,
  );
  expect(await here()).toBe(true);
});

test('what a destroy has left is put back by a teardown, and what an older Slipway has left by an apply', async () => {
  const { run, keeping, file } = await world({ operation: 'destroy' });
  const { environment } = keeping;
  await expect(run({ recover: false })).rejects.toThrow(
    `put it back with the input "recover" of teardown, or with "npm run slipway -- teardown ${environment} --confirm ${environment} --recover"`,
  );
  const { operation: _, ...older } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify(older));
  await expect(run({ recover: false })).rejects.toThrow(
    `put it back with the input "recover" of apply, or with "npm run slipway -- apply ${environment} --recover"`,
  );
});
