import { expect, test } from 'vitest';
import type { Target } from '../../platform/platform.ts';
import type { Bucket } from '../../terraform/bucket.ts';
import { abandonUploads, dumpKey, dumpsPlace, newestDumps, told } from './place.ts';

const state = { bucket: 'acme-terraform-state', zone: 'ch-gva-2' };
const target = (dumps?: { bucket: string; zone: string }) =>
  ({ environment: 'staging', platform: { name: 'shop', state, ...(dumps && { dumps }) } }) as Target;

test('dumps are kept beside the state, or where platform.yaml says', () => {
  expect(dumpsPlace(target())).toEqual({
    ...state,
    endpoint: 'https://sos-ch-gva-2.exo.io',
    setting: 'state',
  });
  expect(dumpsPlace(target({ bucket: 'acme-dumps', zone: 'de-fra-1' }))).toEqual({
    bucket: 'acme-dumps',
    zone: 'de-fra-1',
    endpoint: 'https://sos-de-fra-1.exo.io',
    setting: 'dumps',
  });
});

test('a key tells its time and its database', () => {
  const key = dumpKey(target(), 'the-shop_2', new Date('2026-11-27T09:30:05.678Z'));
  expect(key).toBe('shop/staging/dumps/2026-11-27T09-30-05Z-the-shop_2.dump');
  expect(told(key)).toEqual({ time: '2026-11-27T09-30-05Z', database: 'the-shop_2' });
  for (const other of ['shop/staging.tfstate', 'shop/staging/dumps/notes.txt', 'dumps/Z-.dump'])
    expect(told(other)).toBeUndefined();
});

test('the newest dumps are those of the last time, from a list of several pages', async () => {
  const keys = ['25T10-00-00Z-shop', '26T10-00-00Z-shop', '27T10-00-00Z-other', '27T10-00-00Z-shop'].map(
    each => `shop/staging/dumps/2026-11-${each}.dump`,
  );
  const all = [...keys, 'shop/staging/dumps/readme.md'];
  const bucket: Bucket = async (_, key) => {
    const query = new URLSearchParams(key.slice(1));
    expect([...query.keys()]).toEqual([...query.keys()].sort()); // as they are signed
    const after = all.filter(each => each > (query.get('start-after') ?? ''));
    const contents = after.slice(0, 2).map(each => `<Contents><Key>${each}</Key></Contents>`);
    return { status: 200, body: `<IsTruncated>${after.length > 2}</IsTruncated>${contents.join('')}` };
  };
  expect(await newestDumps(bucket, target())).toEqual(keys.slice(2));
});

test('uploads that were left are ended, each by its id', async () => {
  const requests: string[] = [];
  const upload = (id: string) =>
    `<Upload>\n<Key>shop/staging/dumps/${id}.dump</Key><Initiator/><UploadId>${id}</UploadId></Upload>`;
  const bucket: Bucket = async (method, key) => {
    requests.push(`${method} ${key}`);
    return { status: 200, body: `<ListMultipartUploadsResult>${upload('a')}${upload('b')}</...>` };
  };
  await abandonUploads(bucket, target());
  expect(requests).toEqual([
    'GET ?prefix=shop%2Fstaging%2Fdumps%2F&uploads=',
    'DELETE shop/staging/dumps/a.dump?uploadId=a',
    'DELETE shop/staging/dumps/b.dump?uploadId=b',
  ]);
});
