import { expect, test } from 'vitest';
import type { Bucket } from './bucket.ts';
import { proveLocking } from './preflight.ts';

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
