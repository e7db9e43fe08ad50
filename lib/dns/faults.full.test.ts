import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { cloudflare as standIn } from '../../sandbox/cloudflare/index.ts';
import type { Effect } from '../../sandbox/faults.ts';
import { cloudflare } from '../cloudflare/cloudflare.ts';
import type { Runner } from '../runner/runner.ts';
import type { Claim } from './claims.ts';
import { converge, throwProblems } from './converge.ts';
import { clusterHash, format } from './marker.ts';
import { parseTargets } from './target.ts';

/* Whatever goes wrong with whichever call: nobody else's record moves, no name goes dark, and a run that follows mends it. */

const identity = { owner: 'shop', cluster: clusterHash('cluster') };
const source = (name: string) => `Ingress shop/${name}`;
const claim = (name: string, zone = 'example.com', target = '203.0.113.10'): Claim => ({
  ...{ name: `${name}.${zone}`, source: source(name), targets: parseTargets(target) },
});
const record = (name: string, content: string, comment: string) => ({ type: 'A', name, content, comment });
const ours = (name: string, content = '203.0.113.10') =>
  record(name, content, format({ ...identity, source: source(name) }));
const foreign = [record('www', '198.51.100.7', 'by hand'), record('api', '198.51.100.8', 'another team')];

afterEach(() => vi.unstubAllEnvs());

async function open() {
  const server = await standIn({
    mostPerPage: 5,
    zones: [
      {
        name: 'example.com',
        records: [...foreign, ours('stays'), ours('turns'), ours('moves', '203.0.113.9'), ours('goes')],
      },
      { name: 'example.net', records: [...foreign, ours('stays'), ours('goes')] },
    ],
  });
  vi.stubEnv('CLOUDFLARE_BASE_URL', `${server.url}/client/v4`);
  const runner = { info() {}, warning() {}, async summary() {} } as Partial<Runner> as Runner;
  const claims = [
    ...[claim('stays'), claim('turns', 'example.com', 'lb.example.net'), claim('moves'), claim('comes')],
    ...[claim('stays', 'example.net'), claim('comes', 'example.net')],
  ];
  const run = async () => {
    const client = cloudflare('cloudflare-token');
    try {
      const zones = await Promise.all(['example.com', 'example.net'].map(name => client.zone(name)));
      const wishes = { claims, unreadable: [], notes: [] };
      const goal = { label: 'x', identity, wishes, allowDeletes: false, dryRun: false };
      throwProblems(await converge(runner, client, zones, goal));
      return 'done';
    } catch (error) {
      return `${(error as Error).name}`;
    }
  };
  const all = () => ['example.com', 'example.net'].map(name => server.zone(name));
  return { server, run, all };
}

const text = (zones: { text: string }[]) => zones.map(zone => zone.text).join('\n');
const theirs = (zones: { records: { comment: string | null }[] }[]) =>
  JSON.stringify(
    zones.map(({ records }) => records.filter(({ comment }) => !comment?.startsWith('slipway'))),
  );
const names = (zones: { records: { name: string }[] }[]) =>
  new Set(zones.flatMap(({ records }) => records.map(({ name }) => name)));

let expected = '';
beforeAll(async () => {
  const { server, run, all } = await open();
  expect(await run()).toBe('done');
  expect(server.requests.map(({ method }) => method).join(' ')).toBe(
    // Two look-ups; each zone's names before what wishes there are is known, and its records right before they change.
    'GET GET GET GET GET GET GET POST POST',
  );
  expected = text(all());
  await server.close();
});

test('undisturbed it ends like this', () => {
  const short = expected.replaceAll(/ +/g, ' ').replaceAll(` ; slipway shop@${identity.cluster}`, ' ;');
  expect(short).toBe(`; example.com: 6 of 200 records, Free Website
api.example.com. 1 IN A 198.51.100.8 ; another team
comes.example.com. 1 IN A 203.0.113.10 ; Ingress shop/comes
moves.example.com. 1 IN A 203.0.113.10 ; Ingress shop/moves
stays.example.com. 1 IN A 203.0.113.10 ; Ingress shop/stays
turns.example.com. 1 IN CNAME lb.example.net. ; Ingress shop/turns
www.example.com. 1 IN A 198.51.100.7 ; by hand

; example.net: 4 of 200 records, Free Website
api.example.net. 1 IN A 198.51.100.8 ; another team
comes.example.net. 1 IN A 203.0.113.10 ; Ingress shop/comes
stays.example.net. 1 IN A 203.0.113.10 ; Ingress shop/stays
www.example.net. 1 IN A 198.51.100.7 ; by hand
`);
});

const bad = (status: number, code: number, message: string): Effect => ({
  ...{ kind: 'status', status },
  body: { success: false, result: null, errors: [{ code, message }], messages: [] },
});
const effects: [string, Effect][] = [
  ['a gateway failure', { kind: 'status', status: 502 }],
  ['401', bad(401, 10000, 'Authentication error')],
  ['403', bad(403, 9109, 'Invalid access token')],
  ['a refusal', bad(400, 1004, 'DNS Validation Error')],
  ['too many requests', { kind: 'rate-limit', retryAfter: 0 }],
  ['a page of HTML', { kind: 'html' }],
  ['half an answer', { kind: 'truncate' }],
  ['a reset before its effect', { kind: 'reset-before' }],
  ['a reset after its effect', { kind: 'reset-after' }],
];

const reads = 7;
const calls = reads + 2;
test.each(effects)('%s at any call, once or until the run ends', async (_, effect) => {
  for (let at = 0; at < calls; at++) {
    for (const times of [1, 99]) {
      const { server, run, all } = await open();
      const before = all();
      server.faults.schedule({ effect, skip: at, times });
      const outcome = await run();
      const where = `call ${at}, ${times} times: ${outcome}`;
      // While something could not be read nothing is written.
      if (outcome !== 'done' && at < reads) expect(text(all()), where).toBe(text(before));
      expect(theirs(all()), where).toBe(theirs(before));
      for (const name of names(before))
        if (!name.startsWith('goes.')) expect(names(all()), where).toContain(name);

      server.faults.clear();
      expect(await run(), where).toBe('done');
      expect(text(all()), where).toBe(expected);
      expect(server.complaints).toEqual([]);
      await server.close();
    }
  }
});
