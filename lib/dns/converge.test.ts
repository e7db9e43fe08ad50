import fc from 'fast-check';
import { expect, test } from 'vitest';
import { zoneModel } from '../../sandbox/cloudflare/model.ts';
import type { Batch, BatchOutcome, Cloudflare, DnsRecord, Zone } from '../cloudflare/cloudflare.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import type { Claim } from './claims.ts';
import { type ConvergeRequest, converge } from './converge.ts';
import { clusterHash, format } from './marker.ts';
import { noSuccession } from './ownership.ts';
import { type Seen, seen } from './survey.ts';
import { parseTargets } from './target.ts';
import { claimsOf, zones } from './testing.ts';

/* How several zones, and several runs, get on with each other; over HTTP it is in converge.real.test.ts. */

const identity = { owner: 'shop', cluster: clusterHash('1') };
const source = 'Ingress shop/web';
const ours = (name: string, content = '203.0.113.1') => ({
  ...{ name, type: 'A', content, ttl: 1, proxied: false },
  comment: format({ ...identity, source }),
});
const claim = (name: string, target = '203.0.113.1'): Claim => ({
  ...{ name, source, targets: parseTargets(target) },
});

type Model = ReturnType<typeof zoneModel>;
type Send = (zone: Zone, batch: Batch, model: Model) => Promise<BatchOutcome> | undefined;

/** Zones of a stand-in without HTTP; `before` sees each batch first, and may answer in its place. */
function world(zones: Record<string, Omit<DnsRecord, 'id'>[]>, before: Send = () => undefined) {
  const models = new Map(Object.entries(zones).map(([name, records]) => [name, zoneModel(name, records)]));
  const log: string[] = [];
  const model = ({ name }: Zone) => models.get(name) as Model;
  const client = {
    limits: async () => ({ batch: 200 }),
    ids: async zone =>
      new Set(
        model(zone)
          .records()
          .map(({ id }) => id),
      ),
    records: async zone => model(zone).records(),
    async batch(zone, batch) {
      const { deletes, patches, posts } = batch;
      log.push(`${zone.name} -${deletes.length} ~${patches.length} +${posts.length}`);
      return (await before(zone, batch, model(zone))) ?? model(zone).send(batch);
    },
  } as Partial<Cloudflare> as Cloudflare;
  const runner = { info() {}, warning: (line: string) => void log.push(line), summary: async () => {} };
  const all: Zone[] = [...models.keys()].map(name => ({ id: name, name }));
  const run = async (claims: Claim[], more: Partial<ConvergeRequest> = {}, zones: (Zone | Seen)[] = all) => {
    const wishes = { claims, unreadable: [], notes: [] };
    const goal = { label: '', identity, wishes, allowDeletes: false, dryRun: false, ...more };
    const { problems, changed } = await converge(runner as Partial<Runner> as Runner, client, zones, goal);
    return { problems: problems.map(({ message }) => message), changed };
  };
  const names = (zone: string) =>
    model({ id: zone, name: zone })
      .records()
      .map(({ name }) => name);
  return { run, log, names, early: () => seen(client, all) };
}
const delegation = (name: string) => ({
  ...{ name, type: 'NS', content: 'ns.example.net', ttl: 1, proxied: false, comment: null },
});

const parent = [ours('a.dev.example.com'), ours('b.example.com')];
const both = [claim('a.dev.example.com'), claim('b.example.com')];

test('a zone of its own below another takes no name from it before that is delegated', async () => {
  const { run, names } = world({ 'example.com': parent, 'dev.example.com': [] });
  expect(await run(both)).toEqual({ problems: [], changed: 1 });
  expect(names('example.com')).toContain('a.dev.example.com');
  expect(names('dev.example.com')).toEqual(['a.dev.example.com']);
});

test('once it is delegated the zone below comes first, and the one above lets go only of what has arrived', async () => {
  const zones = { 'example.com': [...parent, delegation('dev.example.com')], 'dev.example.com': [] };
  const refused = world(zones, ({ name }) =>
    name === 'dev.example.com'
      ? Promise.resolve({ kind: 'rejected', errors: [{ code: 1004, message: 'no' }] })
      : undefined,
  );
  expect((await refused.run(both)).problems).toEqual([
    'a.dev.example.com: Cloudflare refuses its records: no (1004)',
  ]);
  expect(refused.names('example.com')).toContain('a.dev.example.com');

  const { run, log, names } = world(zones);
  expect((await run(both)).problems).toEqual([]);
  expect(log).toEqual(['dev.example.com -0 ~0 +1', 'example.com -1 ~0 +0']);
  expect(names('example.com')).toEqual(['b.example.com', 'dev.example.com']);
});

test('a run that has read the cluster before another leaves what that one has written', async () => {
  const { run, names, early } = world({ 'example.com': [ours('b.example.com')] });
  const [old, older] = [await early(), await early()];
  const newer = ['b', 'new', 'c'].map(name => claim(`${name}.example.com`));
  await run(newer);
  const all = names('example.com');
  // The newer run has gone before all of it, and then between the list and the write.
  expect(await run([claim('b.example.com')], {}, old)).toEqual({ problems: [], changed: 0 });
  await run(
    ['b', 'c'].map(name => claim(`${name}.example.com`)),
    {},
    older,
  );
  expect(names('example.com')).toEqual(all);
  // A run from the beginning sees what is claimed no longer.
  await run([claim('b.example.com'), claim('c.example.com')], {}, await early());
  expect(names('example.com')).toEqual(['b.example.com', 'c.example.com']);
});

test('whatever two runs of one owner want, the older deletes nothing that the newer has written', async () => {
  await fc.assert(
    fc.asyncProperty(zones([identity]), claimsOf(), claimsOf(), async (records, older, newer) => {
      const { run, early } = world({ 'example.com': records });
      const ids = async () => (await early()).flatMap(zone => [...zone.seen]);
      const before = await early();
      await run(newer, { allowDeletes: true });
      const known = before.flatMap(zone => [...zone.seen]);
      const written = (await ids()).filter(id => !known.includes(id));
      await run(older, { allowDeletes: true }, before);
      expect(await ids()).toEqual(expect.arrayContaining(written));
    }),
  );
});

test('when one zone cannot be written, what was done in the others is told', async () => {
  const zones = { 'example.com': [], 'example.net': [], 'example.org': [] };
  const { run } = world(zones, ({ name }) => {
    if (name === 'example.net') throw new UserError('Could not change records of example.net');
    return undefined;
  });
  expect(await run(Object.keys(zones).map(zone => claim(`a.${zone}`)))).toEqual({
    problems: ['Could not change records of example.net'],
    changed: 2,
  });
});

test('a refusal after a lost answer does not hide that it was lost', async () => {
  const names = ['a', 'b', 'c'].map(name => `${name}.example.com`);
  const { run } = world({ 'example.com': names.map(name => ours(name)) }, async (_, __, model) => {
    const first = model.records().find(({ name }) => name === names[0]);
    await model.send({ deletes: [{ id: first?.id ?? '' }], patches: [], posts: [] });
    return { kind: 'lost', reason: 'reset' };
  });
  expect((await run([claim('a.example.com')])).problems).toEqual([
    expect.stringMatching(/^All 2 names .* would go/),
    'It is not known whether the last changes to example.com were made: reset',
  ]);
});

test('adoption is for once, and as long as it is on it is told', async () => {
  const { run, log } = world({ 'example.com': [] });
  await run([], { succession: { ...noSuccession, adopt: true } });
  expect(log).toEqual([expect.stringMatching(/^Input "adopt" gives the first object that claims a name/)]);
});

test('names that may not go at once are told, and the rest is done', async () => {
  const many = Array.from({ length: 20 }, (_, at) => `n${at}.example.com`);
  const { run, names } = world({ 'example.com': many.map(name => ours(name)) });
  const claims = ['new.example.com', ...many.slice(0, 8)].map(name => claim(name));
  expect(await run(claims)).toEqual({ problems: [expect.stringMatching(/^12 of 20 names/)], changed: 1 });
  expect(names('example.com')).toHaveLength(21);
});
