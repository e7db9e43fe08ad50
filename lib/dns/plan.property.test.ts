import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ModelFault, zoneModel } from '../../sandbox/cloudflare/model.ts';
import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import { type Applied, apply } from './apply.ts';
import type { Claim } from './claims.ts';
import { clusterHash, format, type Identity, isOwned, parse } from './marker.ts';
import { noSuccession, type Succession } from './ownership.ts';
import { changes, type Plan, plan } from './plan.ts';
import { parseTargets } from './target.ts';
import { claimsOf, zones } from './testing.ts';

const mine: Identity = { owner: 'shop', cluster: clusterHash('1') };
const gone: Identity = { owner: 'shop', cluster: clusterHash('0') };
const theirs: Identity = { owner: 'other', cluster: clusterHash('2') };
const everybody = [mine, gone, theirs];

const successions: fc.Arbitrary<Succession> = fc.record({
  takeOver: fc.constantFrom([], [gone.cluster]),
  adopt: fc.boolean(),
  txtOwners: fc.constantFrom([], ['old']),
  txt: fc.constant(noSuccession.txt),
});

const model = (records: readonly Omit<DnsRecord, 'id'>[], fault?: ModelFault) =>
  zoneModel('example.com', records, fault);

const decide = (
  records: readonly DnsRecord[],
  claims: readonly Claim[],
  succession: Succession = noSuccession,
  identity = mine,
): Plan =>
  plan({
    ...{ zone: 'example.com', records, identity, succession, allowDeletes: true },
    wishes: { claims: [...claims], unreadable: [] },
  });

const leading = ({ type }: DnsRecord) => ['A', 'AAAA', 'CNAME'].includes(type);
const served = (records: readonly DnsRecord[]) => new Set(records.filter(leading).map(({ name }) => name));
const bytes = (records: readonly DnsRecord[]) => records.map(each => JSON.stringify(each)).sort();

/** Whether a record may be touched at all: it is ours, or it becomes ours by what was asked for. */
function touchable(
  record: DnsRecord,
  { takeOver, adopt, txtOwners }: Succession,
  claims: readonly Claim[],
): boolean {
  if ([mine.cluster, ...takeOver].some(cluster => isOwned(record.comment, { ...mine, cluster }))) return true;
  if (parse(record.comment)) return false;
  if (record.type === 'TXT') return txtOwners.some(owner => record.content.includes(`/owner=${owner},`));
  // A record that leads where its claimant has chosen proves nothing for it.
  const isMet = claims.some(
    ({ name, targets, chosen }) =>
      !chosen && name === record.name && targets.some(({ content }) => content === record.content),
  );
  return leading(record) && ((adopt && isMet) || txtOwners.length > 0);
}

test('in every world, what is not ours stays, what is wished comes, and a second plan is empty', async () => {
  await fc.assert(
    fc.asyncProperty(zones(everybody), claimsOf(), successions, async (records, claims, succession) => {
      const world = model(records);
      const before = world.records();
      const found = decide(before, claims, succession);
      const { failures } = await apply(changes(found), 3, world.send);
      expect(failures).toEqual([]); // every plan is one that Cloudflare takes
      const after = world.records();

      const kept = bytes(after);
      for (const each of bytes(before.filter(record => !touchable(record, succession, claims))))
        expect(kept).toContain(each);

      const again = decide(after, claims, succession);
      expect(changes(again)).toEqual([]);
      expect(again.decisions.map(({ name, kind }) => [name, kind])).toEqual(
        found.decisions.flatMap(({ name, kind }) => {
          if (kind !== 'change') return [[name, kind]];
          return claims.some(each => each.name === name) ? [[name, 'keep']] : [];
        }),
      );
      for (const { name, kind } of found.decisions) {
        const wanted = claims.filter(each => each.name === name && each.targets.length > 0);
        if ((kind !== 'change' && kind !== 'keep') || wanted.length === 0) continue;
        const there = after.filter(each => each.name === name && leading(each));
        const content = (list: readonly { type: string; content: string }[]) =>
          list.map(each => `${each.type} ${each.content}`).sort();
        expect(wanted.map(({ targets }) => content(targets))).toContainEqual(content(there));
      }
    }),
    { numRuns: 300 },
  );
});

test('while the object of its mark waits or cannot be read, and elsewhere knows not where, no record changes', () => {
  const sources = ['IngressRoute shop/ui', 'Ingress shop/b', 'Ingress shop/c'];
  const unread = fc
    .subarray(sources)
    .map(some => some.map(source => ({ source, text: '', reason: 'it is odd' })));
  fc.assert(
    fc.property(zones([mine]), claimsOf(), unread, (records, claims, unreadable) => {
      const found = plan({
        ...{ zone: 'example.com', records: model(records).records(), identity: mine, allowDeletes: true },
        wishes: { claims, unreadable },
      });
      for (const { name, operations } of changes(found))
        for (const operation of operations) {
          if (operation.kind === 'create') continue;
          const source = parse(operation.before.comment)?.source;
          const own = claims.filter(each => each.source === source);
          const here = own.filter(each => each.name === name);
          expect(here.filter(({ targets }) => targets.length === 0)).toEqual([]);
          if (here.length > 0) continue;
          expect(own.filter(({ targets }) => targets.length === 0)).toEqual([]);
          expect(unreadable.map(each => each.source)).not.toContain(source);
        }
    }),
    { numRuns: 500 },
  );
});

test('of several wishes that of the object in the mark wins, whoever wants what is there now', () => {
  fc.assert(
    fc.property(zones([mine]), claimsOf(), (records, claims) => {
      const before = model(records).records();
      for (const { name, kind, operations } of changes(decide(before, claims)).map(each => each)) {
        const marks = new Set(
          before.flatMap(each =>
            each.name === name && leading(each) ? (parse(each.comment)?.source ?? []) : [],
          ),
        );
        const [holder, ...more] = claims.filter(each => each.name === name && marks.has(each.source));
        if (!holder || more.length > 0 || kind !== 'change') continue;
        const wanted = holder.targets.map(({ content }) => content);
        for (const each of operations)
          if (each.kind !== 'delete') expect(wanted).toContain(each.after.content);
      }
    }),
    { numRuns: 500 },
  );
});

test('no name that changes leads in a circle then, through others and wildcards', () => {
  const names = [
    'example.com',
    '*.example.com',
    ...['a', 'b', 'c', 'x.a'].map(each => `${each}.example.com`),
  ];
  const to = fc.constantFrom(
    ...names.filter(name => !name.startsWith('*')),
    'd.example.com',
    '203.0.113.1',
    '',
  );
  const lines = fc.uniqueArray(fc.tuple(fc.constantFrom(...names), to, fc.boolean()), {
    selector: ([name]) => name,
  });
  /** Whether asking for a name ends, told in another way than the plan does: each step asks the whole zone. */
  const ends = (name: string, records: readonly Omit<DnsRecord, 'id'>[], steps = 20): boolean => {
    if (steps === 0) return false;
    const at = (owner: string) => records.filter(each => each.name === owner);
    const labels = name.split('.');
    const above = labels.map((_, index) => labels.slice(index).join('.'));
    const nearest = above
      .slice(1)
      .find(each => at(each).length > 0 || each === 'example.com' || at(`*.${each}`).length > 0);
    const found = at(name).length > 0 ? at(name) : nearest === undefined ? [] : at(`*.${nearest}`);
    const alias = found.find(({ type }) => type === 'CNAME');
    return !alias || ends(alias.content, records, steps - 1);
  };
  fc.assert(
    fc.property(lines, lines, (there, wishes) => {
      const records = there.flatMap(([name, target, isOurs], index) => {
        if (target === '' || target === name) return [];
        const comment = isOurs ? format({ ...mine, source: 'Ingress shop/b' }) : null;
        const type = target.includes('203') ? 'A' : 'CNAME';
        return [{ id: `${index}`, name, type, content: target, ttl: 1, proxied: false, comment }];
      });
      const claims = wishes.map(
        ([name, target]): Claim => ({
          ...{ name, source: 'Ingress shop/b', targets: target ? parseTargets(target) : [] },
        }),
      );
      const found = changes(decide(records, claims));
      const gone = new Set(
        found.flatMap(each => each.operations.flatMap(one => ('before' in one ? [one.before.id] : []))),
      );
      const after = [
        ...records.filter(({ id }) => !gone.has(id)),
        ...found.flatMap(each => each.operations.flatMap(one => ('after' in one ? [one.after] : []))),
      ];
      for (const { name } of found) expect(ends(name, after)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('a record of external-dns is ours only where its owner is listed and its object claims the name', async () => {
  await fc.assert(
    fc.property(zones(everybody), claimsOf(), successions, (records, claims, succession) => {
      const before = model(records).records();
      for (const { name, operations } of changes(decide(before, claims, succession)))
        for (const operation of operations) {
          if (operation.kind !== 'delete' || operation.before.type !== 'TXT') continue;
          const [, owner, resource = ''] =
            /owner=(\w+),external-dns\/resource=([^"]+)/.exec(operation.before.content) ?? [];
          expect(succession.txtOwners).toContain(owner);
          const sources = claims.filter(each => each.name === name).map(({ source }) => source);
          expect(sources.map(source => source.replace(' ', '/').toLowerCase())).toContain(resource);
        }
    }),
  );
});

test('a zone lets go of no name that a zone below it is to have, unless it sends those who ask there', () => {
  const child = 'n1.example.com';
  fc.assert(
    fc.property(zones(everybody), claimsOf(), fc.boolean(), (records, claims, delegated) => {
      const ns: DnsRecord = {
        ...{ id: 'ns', name: child, type: 'NS', content: 'ns.example.net' },
        ...{ ttl: 1, proxied: false, comment: null },
      };
      const found = plan({
        ...{ zone: 'example.com', identity: mine, allowDeletes: true },
        records: [...model(records).records(), ...(delegated ? [ns] : [])],
        wishes: { claims: claims.filter(({ name }) => name !== child), unreadable: [] },
        homes: new Map(claims.map(({ name }) => [name, name === child ? child : 'example.com'])),
      });
      const going = changes(found).some(({ name }) => name === child);
      if (claims.some(({ name }) => name === child) && !delegated) expect(going).toBe(false);
    }),
  );
});

/** One run as `converge` makes it: list, plan, apply, and again while the zone moves under it. */
async function run(
  world: ReturnType<typeof model>,
  claims: readonly Claim[],
  { identity = mine, succession = noSuccession, turn = async () => {} } = {},
): Promise<Applied> {
  let outcome: Applied = { made: [], failures: [], stale: true };
  for (let round = 0; round < 5 && (outcome.stale || outcome.lost !== undefined); round++) {
    await turn();
    const found = decide(world.records(), claims, succession, identity);
    outcome = await apply(changes(found), 3, async batch => {
      await turn();
      return world.send(batch);
    });
  }
  return outcome;
}

test('no name is without a record between two calls if it has one before and after', async () => {
  await fc.assert(
    fc.asyncProperty(zones(everybody), claimsOf(), successions, async (records, claims, succession) => {
      const world = model(records);
      const start = served(world.records());
      await run(world, claims, { succession });
      const end = served(world.records());
      for (const name of start)
        if (end.has(name)) for (const moment of world.history) expect(served(moment)).toContain(name);
    }),
    { numRuns: 200 },
  );
});

test.each(['reset before', 'reset after', 'killed before', 'killed after'] as const)(
  '%s at any call, a run that follows ends where an undisturbed one would',
  async fault => {
    await fc.assert(
      fc.asyncProperty(
        ...([zones(everybody), claimsOf(), successions, fc.nat({ max: 5 })] as const),
        async (records, claims, succession, at) => {
          const shape = (list: readonly DnsRecord[]) =>
            bytes(list.map(({ id: _, ...record }) => record as DnsRecord));
          const calm = model(records);
          await run(calm, claims, { succession });
          const world = model(records, { at, fault });
          await run(world, claims, { succession }).catch(error => {
            if (error !== world.killed) throw error;
          });
          await run(world, claims, { succession });
          expect(shape(world.records())).toEqual(shape(calm.records()));
        },
      ),
      { numRuns: 60 },
    );
  },
);

test('two owners in one zone never fight, however their runs interleave', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...([fc.scheduler(), zones([mine, theirs]), claimsOf(), claimsOf()] as const),
      async (scheduler, records, ours, others) => {
        const world = model(records);
        const foreign = (list: DnsRecord[]) =>
          bytes(list.filter(({ comment }) => ![mine, theirs].some(who => isOwned(comment, who))));
        const strangers = foreign(world.records());
        const turn = () => scheduler.schedule(Promise.resolve());
        const both = Promise.all([
          run(world, ours, { turn }),
          run(world, others, { turn, identity: theirs }),
        ]);
        await scheduler.waitFor(both);
        expect(foreign(world.records())).toEqual(strangers);

        // From here on they take turns, and after one each nothing moves any more.
        const step = async () => {
          await run(world, ours);
          await run(world, others, { identity: theirs });
          return bytes(world.records());
        };
        const once = await step();
        expect(await step()).toEqual(once);
      },
    ),
    { numRuns: 150 },
  );
});

test('the mark of an object is never that of two', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), source => {
      const comment = format({ ...mine, source: `Ingress ${source}` });
      expect(comment.length).toBeLessThanOrEqual(100);
      expect(isOwned(comment, mine)).toBe(true);
    }),
  );
});
