import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPlan } from './model.ts';
import { type Binding, begun, compareReview, reviewOf } from './review.ts';
import { unseal } from './seal.ts';

const key = 'k'.repeat(44);
const binding: Binding = {
  pullRequest: 'acme/shop#7',
  environment: 'staging',
  backend: 's3://acme-state/shop/staging.tfstate',
  lineage: '6c1f',
  terraformVersion: '1.11.4',
  lockFile: 'none',
};

interface Row {
  address: string;
  change: { actions: string[]; [key: string]: unknown };
  [key: string]: unknown;
}
const file = (rows: Row[], outputs: Record<string, Row['change']> = {}) => ({
  format_version: '1.2',
  resource_changes: rows,
  output_changes: outputs,
});
const plan = (rows: Row[], outputs?: Record<string, Row['change']>) =>
  readPlan(JSON.stringify(file(rows, outputs)));
const row = (address: string, actions: string[], more: object = {}, about: object = {}): Row => ({
  address,
  change: { actions, ...more },
  ...about,
});

const create = (address: string, after: object, unknown: object = {}) =>
  row(address, ['create'], { before: null, after, after_unknown: unknown });

/** What comes of comparing a plan with one that was shown. */
const compare = (shown: ReturnType<typeof plan>, now: ReturnType<typeof plan>, to: Partial<Binding> = {}) =>
  compareReview(reviewOf(shown, binding, key), now, { ...binding, ...to }, key);

/** The same after an apply of what was shown has begun. */
const compareBegun: typeof compare = (shown, now, to = {}) =>
  compareReview(begun(reviewOf(shown, binding, key), key), now, { ...binding, ...to }, key);

describe('a change', () => {
  const pool = (actions: string[], more: object = {}, about: object = {}) =>
    row('exoscale_sks_nodepool.this', actions, more, about);
  const size = { before: { size: 2, state: 'running' }, after: { size: 3, state: 'running' } };

  test.each<[string, Row[], Row[], string[]]>([
    [
      'to another action',
      [pool(['update'], size)],
      [pool(['delete', 'create'], size)],
      ['exoscale_sks_nodepool.this: was to be updated, would now be replaced'],
    ],
    [
      'to another value',
      [pool(['update'], size)],
      [pool(['update'], { ...size, after: { size: 4, state: 'running' } })],
      ['exoscale_sks_nodepool.this: its change differs from the one that was shown'],
    ],
    [
      'to another value before it',
      [pool(['update'], size)],
      [pool(['update'], { ...size, before: { size: 1, state: 'running' } })],
      ['exoscale_sks_nodepool.this: its change differs from the one that was shown'],
    ],
    [
      'that was not shown',
      [],
      [pool(['delete'], { before: { size: 2 } })],
      ['exoscale_sks_nodepool.this: was to stay as it is, would now be destroyed'],
    ],
    [
      'that is gone, beside one that is new',
      [pool(['update'], size)],
      [create('exoscale_nlb.ingress', {})],
      [
        'exoscale_nlb.ingress: was to stay as it is, would now be created',
        'exoscale_sks_nodepool.this: was to be updated, would now stay as it is',
      ],
    ],
    [
      'whose value is no longer known before the apply',
      [pool(['update'], size)],
      [
        pool(['update'], {
          before: size.before,
          after: { state: 'running' },
          after_unknown: { size: true },
        }),
      ],
      ['exoscale_sks_nodepool.this: its change differs from the one that was shown'],
    ],
    [
      'that makes a value public',
      [pool(['update'], { ...size, before_sensitive: { size: true }, after_sensitive: { size: true } })],
      [pool(['update'], { ...size, before_sensitive: { size: true } })],
      ['exoscale_sks_nodepool.this: its change differs from the one that was shown'],
    ],
    [
      'of the order in a replacement',
      [pool(['delete', 'create'], size)],
      [pool(['create', 'delete'], size)],
      ['exoscale_sks_nodepool.this: its change differs from the one that was shown'],
    ],
    [
      'that takes over another object',
      [pool(['no-op'], { importing: { id: 'one' } })],
      [pool(['no-op'], { importing: { id: 'other' } })],
      ['exoscale_sks_nodepool.this: its change differs from the one that was shown'],
    ],
    [
      'from an import to an import with an update',
      [pool(['no-op'], { importing: { id: 'one' } })],
      [pool(['update'], { ...size, importing: { id: 'one' } })],
      ['exoscale_sks_nodepool.this: was to be imported, would now be imported and updated'],
    ],
    [
      'of a move',
      [pool(['no-op'], {}, { previous_address: 'a.b' })],
      [pool(['no-op'], {}, { previous_address: 'a.c' })],
      ['exoscale_sks_nodepool.this: its change differs from the one that was shown'],
    ],
    [
      'of an object that an interrupted replacement left',
      [pool(['delete'], { before: {} }, { deposed: 'ab12' })],
      [pool(['delete'], { before: {} })],
      [
        'exoscale_sks_nodepool.this: was to stay as it is, would now be destroyed',
        'exoscale_sks_nodepool.this (deposed ab12): was to be destroyed, would now stay as it is',
      ],
    ],
  ])('%s is told', (_, shown, now, differences) => {
    expect(compare(plan(shown), plan(now))).toEqual({ outcome: 'different', differences });
  });

  const invocation = (after: unknown, [block, place] = [0, 0], more: object = {}) => ({
    address: 'action.x_restart.all',
    lifecycle_action_trigger: {
      triggering_resource_address: 'a.b',
      action_trigger_event: 'AfterUpdate',
      action_trigger_block_index: block,
      actions_list_index: place,
    },
    config_values: { after },
    ...more,
  });
  const invoking = (...invocations: object[]) =>
    readPlan(JSON.stringify({ ...file([pool(['update'], size)]), action_invocations: invocations }));

  test('of what a provider is told to do beside it is told', () => {
    expect(compare(invoking(invocation('1s')), invoking(invocation('1s')))).toEqual({ outcome: 'same' });
    expect(compare(invoking(invocation('1s')), invoking(invocation('2s')))).toEqual({
      outcome: 'different',
      differences: [
        'action.x_restart.all (AfterUpdate of a.b, action_trigger 0, action 0): its change differs from the one that was shown',
      ],
    });
  });

  test.each([
    ['at other places', [invocation('1s', [0, 1]), invocation('1s', [1, 0])]],
    ['of one name', [invocation('1s'), invocation('1s')]],
  ])('is told when it is invoked more often: %s', (_, more) => {
    expect(compare(invoking(invocation('1s')), invoking(invocation('1s'), ...more))).toEqual({
      outcome: 'different',
      differences: more.map(() => expect.stringMatching(/: was to stay as it is, would now be invoked$/)),
    });
    expect(compare(invoking(invocation('1s'), ...more), invoking(invocation('1s')))).toEqual({
      outcome: 'different',
      differences: more.map(() => expect.stringMatching(/: was to be invoked, would now stay as it is$/)),
    });
  });

  test('of an invocation is none when only what was not known has become known', () => {
    const unknown = invocation(undefined, [0, 0], { config_unknown: { after: true } });
    const two = [pool(['update'], size), create('a.done', {})];
    const shown = readPlan(JSON.stringify({ ...file(two), action_invocations: [unknown] }));
    expect(compareBegun(shown, invoking(invocation('1s')))).toEqual({ outcome: 'fewer', done: ['a.done'] });
    expect(
      compareBegun(shown, invoking(invocation('1s', [0, 0], { config_values: { other: 1 } }))),
    ).toMatchObject({
      outcome: 'different',
    });
  });

  test('of an output is told', () => {
    const output = (after: unknown) => plan([], { ip: { actions: ['update'], before: '1', after } });
    expect(compare(output('2'), output('3'))).toEqual({
      outcome: 'different',
      differences: ['output ip: its change differs from the one that was shown'],
    });
  });

  test.each<[string, Row[], Row[]]>([
    [
      'what an update leaves alone has changed by itself',
      [pool(['update'], size)],
      [
        pool(['update'], {
          before: { size: 2, state: 'updating' },
          after: { size: 3, state: 'updating' },
        }),
      ],
    ],
    [
      'marks mark nothing, in whatever form',
      [pool(['update'], { ...size, after_sensitive: {}, after_unknown: { size: false, list: [false] } })],
      [pool(['update'], { ...size, after_sensitive: { size: false }, before_sensitive: false })],
    ],
    [
      'a newer Terraform says more',
      [pool(['update'], size)],
      [pool(['update'], { ...size, of_the_future: 1 }, { also_new: true })],
    ],
    [
      'a data source is read that was not before',
      [pool(['update'], size)],
      [pool(['update'], size), row('data.exoscale_instance_pool.nodes', ['read'])],
    ],
  ])('is the same when %s', (_, shown, now) => {
    expect(compare(plan(shown), plan(now))).toEqual({ outcome: 'same' });
  });

  test('beyond 2^53 is seen in its last digit', () => {
    const big = (digits: string) =>
      readPlan(JSON.stringify(file([create('a.b', { n: 'N' })])).replace('"N"', digits));
    expect(compare(big('9007199254740993'), big('9007199254740993'))).toEqual({ outcome: 'same' });
    expect(compare(big('9007199254740993'), big('9007199254740992')).outcome).toBe('different');
  });
});

const many = (count: number, change = 'shop') =>
  plan(
    Array.from({ length: count }, (_, index) =>
      create(`module.shop["${index}"].terraform_data.it`, { name: `${change} ${index}` }, { id: true }),
    ),
  );

describe('after a failure half-way', () => {
  const shown = plan([
    create('a.cluster', { name: 'shop' }, { id: true }),
    create(
      'a.pool',
      { name: 'shop', filter: {}, tags: ['a', null] },
      { cluster: true, filter: { networks: true }, tags: [false, true] },
    ),
  ]);

  test('the rest is fewer of what was shown, also where a value has become known since', () => {
    const rest = plan([
      create('a.pool', {
        name: 'shop',
        cluster: '1f',
        filter: { networks: ['10.0.0.0/8'] },
        tags: ['a', 'x'],
      }),
    ]);
    expect(compareBegun(shown, rest)).toEqual({ outcome: 'fewer', done: ['a.cluster'] });
    expect(compareBegun(shown, rest, { lineage: 'new' })).toMatchObject({ outcome: 'different' });
  });

  test('it is what an apply has left: before one has begun, less than was shown is not what was shown', () => {
    const replacement = plan([create('a.green', {}), row('a.blue', ['delete'], { before: {} })]);
    const rest = plan([row('a.blue', ['delete'], { before: {} })]);
    expect(compare(replacement, rest)).toEqual({
      outcome: 'different',
      differences: ['a.green: was to be created, would now stay as it is'],
    });
    expect(compare(shown, again('replace_because_tainted')).outcome).toBe('different');
  });

  test('what is kept says that an apply has begun, as often as it is told, and is no longer for it than a comment takes', () => {
    const data = reviewOf(shown, binding, key);
    expect(begun(data, key)).not.toBe(data);
    expect(begun(begun(data, key), key)).toBe(begun(data, key));
    expect(compareReview(begun(data, key), shown, binding, key)).toEqual({ outcome: 'same' });
    expect(begun(reviewOf(many(430), binding, key), key).length).toBeLessThanOrEqual(16 * 1024);
  });

  test('a known value that differs is seen beside one that was not known', () => {
    expect(compareBegun(shown, plan([create('a.pool', { name: 'evil', cluster: '1f' })]))).toEqual({
      outcome: 'different',
      differences: [
        'a.pool: its change differs from the one that was shown',
        'a.cluster: was to be created, would now stay as it is',
      ],
    });
  });

  test('what the broken-off creation has made may be brought to what it was to be', () => {
    const adopted = (name: string) =>
      plan([row('a.cluster', ['update'], { before: { name: null, id: '1' }, after: { name, id: '1' } })]);
    expect(compareBegun(shown, adopted('shop')).outcome).toBe('fewer');
    expect(compareBegun(shown, adopted('other')).outcome).toBe('different');
    expect(compare(shown, adopted('shop')).outcome).toBe('different');
  });

  const again = (reason: string, name = 'shop') =>
    plan([
      row(
        'a.cluster',
        ['delete', 'create'],
        { before: { name: 'shop', id: '1' }, after: { name }, after_unknown: { id: true } },
        { action_reason: reason },
      ),
    ]);
  test('what the failed creation has left may go with its next try, and nothing else may', () => {
    expect(compareBegun(shown, again('replace_because_tainted')).outcome).toBe('fewer');
    expect(compareBegun(shown, again('replace_because_tainted', 'other')).outcome).toBe('different');
    expect(compareBegun(shown, again('replace_because_cannot_update'))).toMatchObject({
      differences: [
        'a.cluster: was to be created, would now be replaced',
        'a.pool: was to be created, would now stay as it is',
      ],
    });
  });
});

describe('the binding', () => {
  const some = plan([create('a.b', { name: 'x' })]);

  test.each<[keyof Binding, string, string]>([
    ['pullRequest', 'acme/shop#8', 'the pull request was acme/shop#7, and is now acme/shop#8'],
    ['environment', 'production', 'the environment was staging, and is now production'],
    ['backend', 's3://other', 'the place of the state was s3://acme-state/shop/staging.tfstate, and is now'],
    ['lineage', '77aa', 'the lineage of the state was 6c1f, and is now 77aa'],
    ['lineage', 'none', 'the state is gone: everything that it knew of would be made a second time'],
    ['terraformVersion', '1.12.0', "Terraform's version was 1.11.4, and is now 1.12.0"],
    ['lockFile', 'ab', 'the lock file of the providers was none, and is now ab'],
  ])('is told when its %s is %s', (name, value, sentence) => {
    const comparison = compare(some, some, { [name]: value });
    expect(comparison).toEqual({
      outcome: 'different',
      differences: [expect.stringContaining(sentence)],
    });
  });

  test('allows that the first apply has made the state since', () => {
    const first = reviewOf(some, { ...binding, lineage: 'none' }, key);
    expect(compareReview(first, some, binding, key)).toEqual({ outcome: 'same' });
  });
});

describe('what a comment keeps', () => {
  const some = plan([create('a.b', { password: 'correct horse battery staple' }, { id: true })]);
  const data = reviewOf(some, binding, key);

  test('is the same for the same plan', () => {
    expect(reviewOf(some, binding, key)).toBe(data);
  });

  test('cannot be read with another key, after an edit, or from another version', () => {
    const unreadable = (text: string, other = key) => compareReview(text, some, binding, other);
    const forged = { outcome: 'unreadable', reason: expect.stringContaining('changed by somebody') };
    expect(unreadable(data, 'x'.repeat(44))).toEqual(forged);
    expect(unreadable(`${data.slice(0, -4)}AAAA`)).toEqual(forged);
    expect(unreadable(data.slice(0, 30))).toEqual(forged);
    expect(unreadable(`Ag${data.slice(2)}`)).toMatchObject({
      reason: expect.stringContaining('another version'),
    });
    expect(unreadable('')).toMatchObject({ outcome: 'unreadable' });
  });

  test('is refused a key that could be guessed', () => {
    expect(() => reviewOf(some, binding, 'hunter2')).toThrow('The review-key has 7 characters');
    expect(() => compareReview(data, some, binding, 'hunter2')).toThrow('openssl rand -base64 32');
  });

  test('is each change of 400 resources', () => {
    const shown = reviewOf(many(400), binding, key);
    expect(shown.length).toBeLessThanOrEqual(16 * 1024);
    expect(compareReview(shown, many(400, 'other'), binding, key)).toMatchObject({
      differences: { length: 400 },
    });
  });

  test('is still the whole of 2,000, and their counts', () => {
    const shown = reviewOf(many(2000), binding, key);
    expect(shown).not.toContain('.');
    expect(shown.length).toBeLessThan(1024);
    expect(compareReview(shown, many(2000), binding, key)).toEqual({ outcome: 'same' });
    expect(compareReview(shown, many(2000, 'other'), binding, key)).toEqual({
      outcome: 'different',
      differences: [expect.stringMatching(/^of 2000 changes at least one differs/)],
    });
    expect(compareReview(shown, many(1999), binding, key)).toEqual({
      outcome: 'different',
      differences: ['2000 were to be created, it would now be 1999'],
    });
  });

  test('is still their counts when there was no room for each change of fewer', () => {
    const [counts = '', changes] = reviewOf(many(400), binding, key).split('.');
    expect(compareReview(counts, many(400), binding, key)).toEqual({ outcome: 'same' });
    expect(compareReview(counts, many(399), binding, key)).toEqual({
      outcome: 'different',
      differences: ['400 were to be created, it would now be 399'],
    });
    expect(compareReview(begun(counts, key), many(400), binding, key)).toEqual({ outcome: 'same' });
    const [others = ''] = reviewOf(many(400, 'other'), binding, key).split('.');
    expect(compareReview(`${others}.${changes}`, many(400), binding, key)).toMatchObject({
      outcome: 'unreadable',
    });
  });

  test('of 50,000 resources is no longer', () => {
    expect(reviewOf(many(50_000), binding, key).length).toBeLessThan(1024);
  }, 60_000);
});

describe('for any plan', () => {
  const values = fc.jsonValue({ maxDepth: 3 });
  const attributes = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), values, { maxKeys: 6 });
  const change = fc.record({
    actions: fc.constantFrom('create', 'update', 'delete', 'delete create').map(names => names.split(' ')),
    before: attributes,
    after: attributes,
    after_unknown: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.boolean(), { maxKeys: 3 }),
    after_sensitive: fc.oneof(fc.boolean(), fc.constant({})),
  });
  const rows = fc
    .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,6}\.[a-z]{1,6}$/), change), {
      minLength: 1,
      maxLength: 8,
      selector: ([address]) => address,
    })
    .map(all => all.map(([address, each]): Row => ({ address, change: each })));

  /** The same JSON with every object's keys the other way round, and keys that nobody knows. */
  const turned = (value: unknown, deep = false): unknown => {
    if (Array.isArray(value)) return value.map(each => turned(each, true));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).reverse();
    return Object.fromEntries(entries.map(([name, each]) => [name, turned(each, deep)]));
  };

  test('the order of resources and keys makes no difference', () => {
    fc.assert(
      fc.property(rows, all => {
        const other = all.toReversed().map(each => ({ ...(turned(each) as Row), new_key: 1 }));
        expect(compare(plan(all), plan(other))).toEqual({ outcome: 'same' });
        expect(reviewOf(plan(other), binding, key)).toBe(reviewOf(plan(all), binding, key));
      }),
    );
  });

  test('any changed value is seen', () => {
    fc.assert(
      fc.property(rows, fc.nat(), fc.nat(), fc.constantFrom('before', 'after'), (all, which, where, side) => {
        const at = which % all.length;
        const { address, change: old } = all[at] as Row;
        const tree = structuredClone(old[side]) as Record<string, unknown>;
        const names = Object.keys(tree).filter(
          name => side === 'before' || !(old.after_unknown as object)[name as never],
        );
        fc.pre(names.length > 0);
        const name = names[where % names.length] as string;
        tree[name] = altered(tree[name], where);
        // Both sides of an update having the same value means that it leaves it alone.
        const other = old[side === 'before' ? 'after' : 'before'] as Record<string, unknown>;
        fc.pre(
          (old.actions as string[])[0] !== 'update' ||
            JSON.stringify(other[name] ?? null) !== JSON.stringify(tree[name]),
        );
        const now = all.with(at, { address, change: { ...old, [side]: tree } });
        expect(compare(plan(all), plan(now))).toEqual({
          outcome: 'different',
          differences: [`${address}: its change differs from the one that was shown`],
        });
      }),
    );
  });

  /** The value with one leaf in it changed. */
  const altered = (value: unknown, where: number): unknown => {
    if (typeof value === 'string') return `${value}!`;
    if (typeof value === 'number') return value === 0 ? 1 : -value;
    if (typeof value === 'boolean') return !value;
    if (value === null) return 'null';
    const names = Object.keys(value as object);
    const name = names[where % (names.length || 1)];
    if (name === undefined) return 'was empty';
    const part = altered((value as Record<string, unknown>)[name], where);
    return Array.isArray(value) ? value.with(Number(name), part) : { ...(value as object), [name]: part };
  };

  const opened = (kept: Buffer | undefined) => String(inflateRawSync(kept ?? Buffer.alloc(0)));
  test('no value is in what is kept, in no encoding, not even for those who have the key', () => {
    const secret = fc.string({ minLength: 8, maxLength: 40 }).filter(text => !/^\s*$/.test(text));
    fc.assert(
      fc.property(secret, value => {
        const some = plan([create('a.b', { one: value, list: [value], map: { a: value } }, { id: true })]);
        const data = reviewOf(some, binding, key);
        const [head = '', changes = ''] = data.split('.');
        const kept = unseal(key, 'review', 'version 1', Buffer.from(head, 'base64url').subarray(1));
        const { digest } = JSON.parse(opened(kept)) as { digest: string };
        const text =
          opened(kept) +
          opened(unseal(key, 'review', `version 1: ${digest}`, Buffer.from(changes, 'base64url')));
        for (const shape of [value, JSON.stringify(value).slice(1, -1), btoa(encodeURIComponent(value))]) {
          expect(text).not.toContain(shape);
          expect(data).not.toContain(shape);
        }
        expect(data).toMatch(/^[\w-]+\.[\w-]+$/);
      }),
    );
  });
});
