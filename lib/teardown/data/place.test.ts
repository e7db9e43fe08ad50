import { expect, test } from 'vitest';
import type { Target } from '../../platform/platform.ts';
import type { Bucket } from '../../terraform/bucket.ts';
import {
  abandonUploads,
  dumpKey,
  dumpsPlace,
  leavingNoUpload,
  moment,
  newestDumps,
  proofKey,
  told,
} from './place.ts';

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

const at = (time: string) => new Date(`2026-11-${time}Z`);

test('a key tells its time, its service and its database', () => {
  const key = dumpKey(target(), 'shop-staging', 'the-shop_2', at('27T09:30:05.678'));
  expect(key).toBe('shop/staging/dumps/2026-11-27T09-30-05Z/shop-staging/the-shop_2.dump');
  const what = { time: '2026-11-27T09-30-05Z', service: 'shop-staging', database: 'the-shop_2' };
  expect(told(key)).toEqual(what);
  expect(moment(what)).toBe('2026-11-27 09:30:05 UTC');
  for (const other of [
    'shop/staging.tfstate',
    'shop/staging/dumps/notes.txt',
    `${key}.proven`,
    'dumps/Z/s/.dump',
  ])
    expect(told(other)).toBeUndefined();
});

test("the newest dumps are the proven ones of each service's last time, from a list of several pages", async () => {
  const key = (time: string, service: string, database: string) =>
    dumpKey(target(), service, database, at(time));
  const newest = [
    key('26T10:00:00', 'other', 'shop'),
    key('27T10:00:00', 'shop-staging', 'other'),
    key('27T10:00:00', 'shop-staging', 'shop'),
  ];
  const older = [key('25T10:00:00', 'shop-staging', 'shop'), key('26T10:00:00', 'shop-staging', 'old')];
  const unproven = [key('28T10:00:00', 'shop-staging', 'shop'), key('27T10:00:00', 'shop-staging', 'half')];
  const proofs = [...newest, ...older].map(proofKey);
  const all = [...newest, ...older, ...unproven, ...proofs, 'shop/staging/dumps/readme.md'].sort();
  const bucket: Bucket = async (_, key) => {
    const query = new URLSearchParams(key.slice(1));
    expect([...query.keys()]).toEqual([...query.keys()].sort()); // as they are signed
    const after = all.filter(each => each > (query.get('start-after') ?? ''));
    const contents = after.slice(0, 2).map(each => `<Contents><Key>${each}</Key></Contents>`);
    return { status: 200, body: `<IsTruncated>${after.length > 2}</IsTruncated>${contents.join('')}` };
  };
  expect(await newestDumps(bucket, target())).toEqual(newest);
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

/** Storage in which uploads are begun; the answer to the first beginning gets lost, and the client begins again. */
function storage() {
  const open = new Set<string>();
  let begun = 0;
  const bucket: Bucket = async (method, key) => {
    if (method === 'POST') for (const _ of begun === 0 ? [1, 2] : [1]) open.add(`upload-${++begun}`);
    if (method === 'DELETE') open.delete(new URLSearchParams(key.split('?')[1]).get('uploadId') ?? '');
    const uploads = [...open].map(
      id => `<Upload><Key>shop/staging/dumps/a.dump</Key><UploadId>${id}</UploadId></Upload>`,
    );
    return { status: 200, body: method === 'POST' ? `upload-${begun}` : uploads.join('') };
  };
  return { bucket, open };
}

test.each([false, true])(
  'an upload that was begun twice is ended, also when the work fails: %s',
  async fails => {
    const { bucket, open } = storage();
    const work = async () => {
      await bucket('POST', 'shop/staging/dumps/a.dump?uploads');
      expect([...open]).toEqual(['upload-1', 'upload-2']);
      await bucket('DELETE', 'shop/staging/dumps/a.dump?uploadId=upload-2');
      if (fails) throw new Error('the dump broke off');
      return 'kept';
    };
    const done = leavingNoUpload(bucket, target(), work, () => expect.unreachable());
    await (fails ? expect(done).rejects.toThrow('the dump broke off') : expect(done).resolves.toBe('kept'));
    expect([...open]).toEqual([]);
  },
);

test('what cannot be ended after the work is told, and the work is done all the same', async () => {
  let asked = 0;
  const bucket: Bucket = async () => {
    if (asked++ > 0) throw new Error('away');
    return { status: 200, body: '' };
  };
  const told: string[] = [];
  expect(await leavingNoUpload(bucket, target(), async () => 'kept', told.push.bind(told))).toBe('kept');
  expect(told).toEqual([
    'Whether an upload was left below shop/staging/dumps/ in the bucket, which would be billed, could not be asked (away): the next teardown looks again',
  ]);
});
