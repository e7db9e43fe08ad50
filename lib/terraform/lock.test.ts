import { expect, test } from 'vitest';
import type { Runner } from '../runner/runner.ts';
import type { Bucket } from './bucket.ts';
import { acquire, describe, heldLock, release } from './lock.ts';

const state = {
  bucket: 'state',
  key: 'shop/staging.tfstate',
  zone: 'ch-gva-2',
  endpoint: 'https://sos-ch-gva-2.exo.io',
};

/** As much of a bucket as a lock needs, and of a runner; time passes when somebody sleeps. */
function world({ lock, freeAt = Number.POSITIVE_INFINITY }: { lock?: string; freeAt?: number } = {}) {
  let time = 0;
  let object = lock;
  const told: string[] = [];
  const saved = new Map<string, string>();
  const stop = new AbortController();
  const bucket: Bucket = async (method, key, { body = '' } = {}) => {
    expect(key).toBe('shop/staging.tfstate.tflock');
    if (time >= freeAt) object = undefined;
    if (method === 'GET') return { status: object === undefined ? 404 : 200, body: object ?? '' };
    if (method === 'PUT' && object !== undefined) return { status: 412, body: '' };
    object = method === 'PUT' ? String(body) : undefined;
    return { status: 200, body: '' };
  };
  const runner = {
    context: {
      repository: 'acme/platform',
      actor: 'octocat',
      runUrl: 'https://github.com/acme/platform/actions/runs/7',
    },
    info: (line: string) => told.push(line),
    progress() {},
    save: (name: string, value: string) => saved.set(name, value),
    stop: stop.signal,
  } as unknown as Runner;
  const clock = { now: () => time, sleep: async (milliseconds: number) => (time += milliseconds) };
  return {
    ...{ bucket, runner, told, saved, stop },
    acquire: () => acquire(runner, bucket, state, { operation: 'apply', version: '1.11.4' }, clock),
    object: () => object,
    time: () => time,
  };
}

const anns = JSON.stringify({
  ID: '2b3c',
  Operation: 'OperationTypeApply',
  Who: 'ann@laptop',
  Created: '2026-11-23T07:00:01.218668123Z',
});
const told = 'ann@laptop since 2026-11-23 07:00 UTC (apply, lock 2b3c)';

test('a held lock says who, since when and what for', async () => {
  const lock = await heldLock(world({ lock: anns }).bucket, state);
  expect(lock && describe(lock)).toBe(told);
  expect(await heldLock(world().bucket, state)).toBeUndefined();
  expect(await heldLock(world({ lock: 'not JSON' }).bucket, state)).toMatchObject({ who: 'somebody' });
});

test('the lock that we take is one of Terraform’s, and says which run holds it', async () => {
  const { acquire, object, bucket, saved } = world();
  const id = await acquire();
  expect([...saved]).toEqual([
    ['lock', id],
    ['lock-held', id],
  ]);
  expect(JSON.parse(object() ?? '')).toEqual({
    ID: id,
    Operation: 'OperationTypeApply',
    Info: 'https://github.com/acme/platform/actions/runs/7',
    Who: 'octocat in acme/platform',
    Version: '1.11.4',
    Created: '1970-01-01T00:00:00.000Z',
    Path: 'state/shop/staging.tfstate',
  });
  const lock = await heldLock(bucket, state);
  expect(lock && describe(lock)).toBe(
    `octocat in acme/platform since 1970-01-01 00:00 UTC (apply, lock ${id}, https://github.com/acme/platform/actions/runs/7)`,
  );
});

test('a lock that somebody holds is waited for, and said', async () => {
  const { acquire, object, told: lines, time } = world({ lock: anns, freeAt: 60_000 });
  const id = await acquire();
  expect(object()).toContain(id);
  expect(time()).toBe(60_000);
  expect(lines).toEqual([`The state is locked by ${told}: waiting for at most 5 minutes`]);
});

test('one that is not released in time is explained with the command that would, and is not touched', async () => {
  const { acquire, object, time, saved } = world({ lock: anns });
  await expect(acquire()).rejects.toThrow(
    `The state is still locked by ${told}, and nothing was changed: wait until whoever it is has ended; if it left a state that it could not upload, put that back with the input "recover" of apply, or with "--recover", which releases the lock too; if it died without releasing the lock, and only then, release it with "terraform force-unlock 2b3c"`,
  );
  expect(object()).toBe(anns);
  expect(time()).toBeLessThan(6 * 60_000);
  expect([...saved], 'nothing for post to release').toEqual([['lock', '']]);
});

test.each([409, 412])('a bucket that answers %i for ever and shows no lock is given up', async status => {
  const { bucket, runner, saved } = world();
  const clock = { time: 0, now: () => clock.time, sleep: async (by: number) => (clock.time += by) };
  const odd: Bucket = async (method, ...rest) =>
    method === 'PUT' && clock.time < 3_600_000 ? { status, body: '' } : bucket(method, ...rest);
  await expect(acquire(runner, odd, state, { operation: 'apply', version: '1.11.4' }, clock)).rejects.toThrow(
    `The lock shop/staging.tfstate.tflock could not be written for 5 minutes, and nothing was changed: the bucket answered ${status}, as if somebody held it, and shows no lock`,
  );
  expect(saved.get('lock')).toBe('');
});

test('whoever is asked to stop while waiting stops', async () => {
  const { acquire, stop, object, saved } = world({ lock: anns });
  stop.abort();
  await expect(acquire()).rejects.toThrow('Stopped on request while waiting for the lock');
  expect(object()).toBe(anns);
  expect(saved.get('lock')).toBe('');
});

test('a lock whose writing was answered by nobody is ours all the same', async () => {
  const { bucket, runner } = world();
  let first = true;
  const lossy: Bucket = async (...request) => {
    const answer = await bucket(...request);
    if (!first) return answer;
    first = false;
    return bucket(...request); // as a retry after a lost answer: refused by what the first try has written
  };
  const id = await acquire(runner, lossy, state, { operation: 'destroy', version: '1.11.4' });
  expect((await heldLock(bucket, state))?.id).toBe(id);
});

test('only our own lock is released', async () => {
  const ours = world();
  const id = await ours.acquire();
  expect(await release(ours.runner, ours.bucket, state, id)).toBe(true);
  expect(ours.object()).toBeUndefined();
  expect([...ours.saved.values()]).toEqual(['', '']);
  expect(await release(ours.runner, ours.bucket, state, id)).toBe(false);

  const others = world({ lock: anns });
  expect(await release(others.runner, others.bucket, state, id)).toBe(false);
  expect(others.object()).toBe(anns);
});

test.each([409, 412, 400])('a lock whose release is answered with %i is left to post', async status => {
  const { acquire, runner, bucket, object, saved } = world();
  const id = await acquire();
  const odd: Bucket = async (method, ...rest) =>
    method === 'DELETE' ? { status, body: '' } : bucket(method, ...rest);
  await expect(release(runner, odd, state, id)).rejects.toThrow(
    `The lock shop/staging.tfstate.tflock could not be released, and nothing is applied as long as it stands: the bucket answered ${status}; if the step's clean-up cannot release it either, or in a terminal, run "terraform force-unlock ${id}"`,
  );
  expect(object()).toContain(id);
  expect(saved.get('lock')).toBe(id);
  expect(await release(runner, bucket, state, id)).toBe(true);
});

test('whoever waits for a destroy is told of the action that goes on with it', async () => {
  const { acquire } = world({ lock: anns.replace('Apply', 'Destroy') });
  await expect(acquire()).rejects.toThrow('put that back with the input "recover" of teardown, or');
});
