import { expect, test } from 'vitest';
import type { Bucket } from './bucket.ts';
import { describe, heldLock, lockInError, proveLocking } from './preflight.ts';

const state = {
  bucket: 'state',
  key: 'shop/staging.tfstate',
  zone: 'ch-gva-2',
  endpoint: 'https://sos-ch-gva-2.exo.io',
};

function answering(...statuses: number[]) {
  const sent: Parameters<Bucket>[] = [];
  const bucket: Bucket = async (...request) => {
    sent.push(request);
    return { status: statuses.shift() ?? 500, body: '' };
  };
  return { bucket, sent };
}

test.each([
  ['the first time: written, then refused', [200, 412], 2],
  ['ever after: refused at once', [412], 1],
])('storage that honours If-None-Match passes, %s', async (_, statuses, requests) => {
  const { bucket, sent } = answering(...statuses);
  await proveLocking(bucket, state);
  expect(sent).toHaveLength(requests);
  for (const [method, , options] of sent) {
    expect(method).toBe('PUT');
    expect(options?.headers).toEqual({ 'if-none-match': '*' });
  }
});

test('storage that overwrites in spite of it is refused', async () => {
  await expect(proveLocking(answering(200, 200).bucket, state)).rejects.toThrow(
    'two applies could run at once',
  );
});

const info = {
  ID: '2b3c',
  Operation: 'OperationTypeApply',
  Who: 'ann@laptop',
  Created: '2026-11-23T07:00:01.218668123Z',
};
const told = 'ann@laptop since 2026-11-23 07:00 UTC (apply, lock 2b3c)';

test('a held lock says who, since when and what for', async () => {
  const lock = await heldLock(
    async (_, key) => ({
      status: key === 'shop/staging.tfstate.tflock' ? 200 : 404,
      body: JSON.stringify(info),
    }),
    state,
  );
  expect(lock && describe(lock)).toBe(told);
  expect(await heldLock(answering(404).bucket, state)).toBeUndefined();
  expect(await heldLock(answering(200).bucket, state)).toMatchObject({ who: 'somebody' });
});

test('the same is read out of the error of a Terraform that waited in vain', () => {
  const detail = `Error message: operation error S3: PutObject, StatusCode: 412, RequestID: 15
Lock Info:
  ID:        2b3c
  Path:      state/shop/staging.tfstate
  Operation: OperationTypeApply
  Who:       ann@laptop
  Version:   1.11.4
  Created:   2026-11-23 07:00:01.218668123 +0000 UTC
  Info:      

Terraform acquires a state lock`;
  const lock = lockInError(detail);
  expect(lock && describe(lock)).toBe(told);
  expect(lockInError('Error message: no such host')).toBeUndefined();
});
