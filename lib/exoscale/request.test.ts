import { expect, test } from 'vitest';
import { UserError } from '../runner/errors.ts';
import { NotFound, ReplyLost, sender } from './request.ts';

type Scripted = Response | Error;
const noon = Date.parse('2026-11-23T12:00:00Z');
const credentials = { key: 'EXOkey', secret: 'the very secret', zone: 'ch-gva-2' };

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });
const failed = (code: string) => new TypeError('fetch failed', { cause: { code } });

/** A world that answers as scripted, over and over its last word, and in which waiting takes no time. */
function played(...script: Scripted[]) {
  const sleeps: number[] = [];
  const requests: { url: string; authorization: string }[] = [];
  let now = noon;
  const send = sender(credentials, {
    async fetch(url, { headers }) {
      requests.push({ url: url.href, ...(headers as { authorization: string }) });
      const next = script.length > 1 ? script.shift() : script[0];
      if (next instanceof Error) throw next;
      return (next as Response).clone();
    },
    now: () => now,
    async sleep(milliseconds) {
      sleeps.push(milliseconds);
      now += milliseconds;
    },
  });
  return { send, sleeps, requests };
}

const ok = json(200, { fine: true });
const html = new Response('<!doctype html><title>Bad\n gateway</title>', { status: 200 });
const cutShort = new Response('{"sks-clusters": [{"id"', { status: 200 });

test.each<[string, Scripted[], number[]]>([
  ['at once', [ok], []],
  ['after a reset', [failed('ECONNRESET'), ok], [1000]],
  ['after 502 and 500', [json(502, {}), json(500, {}), ok], [1000, 2000]],
  ['after as many seconds as told', [json(429, {}, { 'retry-after': '7' }), ok], [7000]],
  ['on the date told', [json(503, {}, { 'retry-after': new Date(noon + 9000).toUTCString() }), ok], [9000]],
  ["after a gateway's page", [html, ok], [1000]],
  ['after half an answer', [cutShort, ok], [1000]],
])('a read succeeds %s', async (_when, script, waited) => {
  const { send, sleeps, requests } = played(...script);
  expect(await send('GET', '/sks-cluster')).toEqual({ fine: true });
  expect(sleeps).toEqual(waited);
  expect(new Set(requests.map(({ url }) => url))).toEqual(
    new Set(['https://api-ch-gva-2.exoscale.com/v2/sks-cluster']),
  );
});

test('each try is signed for ten minutes from when it is made', async () => {
  const { send, requests } = played(json(429, {}, { 'retry-after': '59' }), ok);
  await send('GET', '/zone');
  const expiries = requests.map(({ authorization }) => Number(/expires=(\d+)/.exec(authorization)?.[1]));
  expect(expiries).toEqual([noon / 1000 + 600, noon / 1000 + 659]);
});

test.each<[string, Scripted, string, number]>([
  ['a reset', failed('ECONNRESET'), 'ECONNRESET', 5],
  ['no network', failed('ENOTFOUND'), 'ENOTFOUND', 5],
  ['an outage', json(503, { message: 'maintenance' }), 'maintenance', 5],
  ["a gateway's page", html, 'not JSON but "Bad gateway"', 5],
  ['half an answer', cutShort, 'not JSON but "{"sks-clusters"', 5],
  ['a wait of hours', json(429, {}, { 'retry-after': '7200' }), 'too many requests', 1],
  ['a wrong key', json(403, { message: 'Invalid' }), 'belong together', 1],
  [
    'a clock 15 minutes fast',
    json(403, {}, { date: new Date(noon - 9e5).toUTCString() }),
    '15 minutes off',
    1,
  ],
  ['nothing there', json(404, {}), 'has nothing at', 1],
  ["a proxy's page", new Response('<title>Not here</title>', { status: 404 }), '"Not here"', 5],
  ['a refusal', json(409, { message: "it's in use" }), "it's in use", 1],
])('a read that meets %s ends in one sentence', async (_what, answer, why, tries) => {
  const { send, requests } = played(answer);
  const error: Error = await send('GET', '/sks-cluster').then(
    () => expect.unreachable('it must fail'),
    error => error,
  );
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).toContain(why);
  expect(error.message).not.toMatch(/\n|the very secret/);
  expect(requests).toHaveLength(tries);
});

test.each<[string, Scripted]>([
  ['a reset', failed('ECONNRESET')],
  ['an outage', json(502, {})],
  ["a gateway's page", html],
  ['half an answer', cutShort],
])('a write is not repeated after %s, unless it may be', async (_what, answer) => {
  const once = played(answer, ok);
  await expect(once.send('POST', '/x', { body: {} })).rejects.toBeInstanceOf(ReplyLost);
  expect(once.requests).toHaveLength(1);
  const repeatable = played(answer, ok);
  expect(await repeatable.send('POST', '/x', { body: {}, repeatable: true })).toEqual({ fine: true });
});

test.each<[string, Scripted]>([
  ['was turned away', json(429, {})],
  ['was never sent', failed('ECONNREFUSED')],
])('a write that %s is repeated', async (_what, answer) => {
  expect(await played(answer, ok).send('POST', '/x', { body: {} })).toEqual({ fine: true });
});

test('404 can be told from the rest', async () => {
  await expect(played(json(404, {})).send('GET', '/x')).rejects.toBeInstanceOf(NotFound);
});

test.each([
  [{ key: '', secret: 'the very secret' }, 'needs EXOSCALE_API_KEY:'],
  [{ key: 'EXOkey', secret: '' }, 'needs EXOSCALE_API_SECRET:'],
  [{ key: '', secret: '' }, 'needs EXOSCALE_API_KEY and EXOSCALE_API_SECRET:'],
])('without a half of the key nothing is sent: %j', async (half, why) => {
  const send = sender(
    { ...half, zone: 'ch-gva-2' },
    {
      fetch: () => expect.unreachable('nothing may be sent'),
      now: () => noon,
      sleep: async () => {},
    },
  );
  await expect(send('GET', '/zone')).rejects.toThrow(why);
});
