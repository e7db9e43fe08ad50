import { expect, test } from 'vitest';
import { bucket } from './bucket.ts';

const state = {
  bucket: 'state',
  key: 'shop/staging.tfstate',
  zone: 'ch-gva-2',
  endpoint: 'https://sos-ch-gva-2.exo.io',
};
/** Asks once of storage that gives these answers; `requests` and `pauses` are what that took. */
const ask = (...answers: (Response | Error)[]) => send('PUT', answers);

async function send(method: 'GET' | 'PUT', answers: (Response | Error)[]) {
  const requests: [URL, RequestInit][] = [];
  const pauses: number[] = [];
  const one = bucket(
    state,
    { key: 'EXO1', secret: 'hidden' },
    {
      async fetch(...request) {
        requests.push(request);
        const answer = answers.shift();
        if (!answer || answer instanceof Error) throw answer ?? new Error('asked too often');
        return answer;
      },
      sleep: async milliseconds => pauses.push(milliseconds),
      now: () => 0,
    },
  );
  const answer = await one(
    method,
    'probe',
    method === 'PUT' ? { headers: { 'if-none-match': '*' }, body: 'x' } : {},
  );
  return { answer, requests, pauses };
}

const refused = (code: string, status: number) =>
  new Response(`<Error><Code>${code}</Code></Error>`, { status });

test('the request goes to the bucket in path style, signed, without the secret', async () => {
  const { answer, requests } = await ask(new Response('', { status: 412 }));
  expect(answer).toEqual({ status: 412, body: '' });
  const [[url, options] = []] = requests;
  expect(String(url)).toBe('https://sos-ch-gva-2.exo.io/state/probe');
  expect(options).toMatchObject({
    method: 'PUT',
    body: 'x',
    headers: {
      'if-none-match': '*',
      authorization: expect.stringContaining('SignedHeaders=host;if-none-match;x-amz'),
    },
  });
  expect(JSON.stringify(options)).not.toContain('hidden');
});

test.each([
  [
    'no bucket',
    refused('NoSuchBucket', 404),
    'does not exist: create it with "exo storage mb sos://state --zone ch-gva-2"',
  ],
  [
    'a key that may not',
    refused('AccessDenied', 403),
    'refuses the Exoscale key (AccessDenied): give it a role that may write',
  ],
])('%s is a sentence', async (_, answer, sentence) => {
  await expect(ask(answer)).rejects.toThrow(sentence);
});

test('a hiccup is waited out; what stays broken is told', async () => {
  const { answer, pauses } = await ask(
    new Response('', { status: 503 }),
    new TypeError('fetch failed', { cause: 'ECONNRESET' }),
    new Response('', { status: 200 }),
  );
  expect(answer.status).toBe(200);
  expect(pauses).toEqual([0, 1_000, 4_000]);

  const broken = [1, 2, 3].map(() => new Response('', { status: 500 }));
  await expect(ask(...broken)).rejects.toThrow('cannot be reached (status 500)');
});

test.each(['GET', 'PUT'] as const)(
  'a page of HTML is no answer to a %s: a lock would be taken for held',
  async method => {
    const page = () =>
      new Response('<title>Please wait</title>', { headers: { 'content-type': 'text/html; charset=utf-8' } });
    const { answer } = await send(method, [page(), new Response('', { status: 404 })]);
    expect(answer.status).toBe(404);
    await expect(send(method, [page(), page(), page()])).rejects.toThrow(
      'cannot be reached (a page of HTML instead of an answer)',
    );
  },
);

test.each([301, 400, 405])(
  'a question that is answered with %i says nothing of what is there',
  async status => {
    await expect(send('GET', [new Response('', { status })])).rejects.toThrow(
      `with status ${status}: what cannot be read is not taken for absent`,
    );
  },
);
