import { expect, test } from 'vitest';
import { changesAnything, isLoss, readPlan } from './model.ts';
import { patience } from './testing.ts';

const planOf = (actions: string[], more: object = {}, file: object = {}) =>
  readPlan(
    JSON.stringify({
      format_version: '1.2',
      resource_changes: [{ address: 'a.b', change: { actions }, ...more }],
      ...file,
    }),
  );

test.each([
  [['create'], 'create', false],
  [['update'], 'update', false],
  [['delete'], 'destroy', false],
  [['delete', 'create'], 'replace', false],
  [['create', 'delete'], 'replace', true],
  [['create', 'forget'], 'replace', true],
  [['forget'], 'forget', false],
  [['read'], 'read', false],
  [['open'], 'read', false],
  [['Forget'], 'forget', false],
  [['forget', 'create'], 'replace', false],
])('%j is %s', (actions, action, createFirst) => {
  expect(planOf(actions).changes).toMatchObject([{ action, createFirst }]);
});

test.each(['migrate', 'constructor', ''])('an action "%s" of the future is refused, not guessed', action => {
  expect(() => planOf([action])).toThrow(`"${action}" that is not known here: use a newer version`);
});

test.each(['1.0', '1.2', '1.99', '0.2'])('format %s is read, unknown keys and all', format_version => {
  expect(planOf(['create'], {}, { format_version, of_the_future: {} }).counts.create).toBe(1);
});

test.each(['2.0', '10.1', ''])('format "%s" is refused', format_version => {
  expect(() => planOf(['create'], {}, { format_version })).toThrow('formats 1.x are understood');
});

test.each([
  ['an empty text', '', 'The plan is not JSON'],
  ['half a plan', '{"format_version":"1.2","resource_', 'The plan is not JSON'],
  ['what Terraform says beside it', 'Refreshing…\n{"format_version":"1.2"}', 'The plan is not JSON'],
  ['a list', '[]', 'This is JSON, but not of a plan'],
  ['null', 'null', 'This is JSON, but not of a plan'],
  ['a state', '{"format_version":"1.0","values":{}}', 'This is JSON, but of a state'],
])('%s is refused in a sentence', (_, json, sentence) => {
  expect(() => readPlan(json)).toThrow(sentence);
  expect(() => readPlan(Buffer.from(json))).toThrow(sentence);
});

test('more than a text can hold is refused in a sentence', patience, () => {
  expect(() => readPlan(new Uint8Array(2 ** 29))).toThrow(
    'The plan has 512 MiB of JSON, and at most 511 can be read: split',
  );
});

test('what stays as it is is left out, and a new address or an import is a change', () => {
  expect(planOf(['no-op']).changes).toEqual([]);
  expect(planOf(['no-op'], { previous_address: 'a.c' }).counts.move).toBe(1);
  expect(planOf(['no-op'], { change: { actions: ['no-op'], importing: {} } }).counts.import).toBe(1);
});

test('drift is what the plan answers; a row that only has a new address is none, nor one that reads back {} for null', () => {
  const update = { actions: ['update'], before: { size: 1 }, after: { size: 2 } };
  const resource_drift = [
    { address: 'a.b', change: update },
    { address: 'a.b', previous_address: 'a.c', change: { actions: ['no-op'] } },
    {
      address: 'a.b',
      change: { actions: ['update'], before: { size: 1, taints: null }, after: { size: 1, taints: {} } },
    },
    { address: 'a.fills_in_by_itself', change: update },
  ];
  expect(planOf(['update'], {}, { resource_drift }).drift).toMatchObject([
    { address: 'a.b', action: 'update' },
  ]);
});

test('drift that a change follows from is drift, whatever else has changed is not', () => {
  const changed = (address: string) => ({
    address,
    change: { actions: ['update'], before: { ip: '1', state: 'on' }, after: { ip: '2', state: 'on' } },
  });
  const { drift } = planOf(
    ['update'],
    {},
    {
      resource_drift: [changed('a.followed'), changed('a.followed_elsewhere'), changed('a.ignored')],
      relevant_attributes: [
        { resource: 'a.followed', attribute: ['ip', 0] },
        { resource: 'a.followed_elsewhere', attribute: ['state'] },
      ],
    },
  );
  expect(drift.map(({ address }) => address)).toEqual(['a.followed']);
});

test('deferred changes are no changes yet', () => {
  const plan = planOf(
    ['no-op'],
    {},
    {
      deferred_changes: [
        { reason: 'absent_prereq', resource_change: { address: 'a.c', change: { actions: ['create'] } } },
      ],
    },
  );
  expect(plan.deferred).toMatchObject([{ address: 'a.c', action: 'create', waitsFor: 'absent_prereq' }]);
  expect(plan.counts.create).toBe(0);
});

test('checks have a status each, of their instances where there are any', () => {
  const { checks } = planOf(
    ['no-op'],
    {},
    {
      checks: [
        { address: { to_display: 'check.a' }, status: 'error' },
        {
          address: { to_display: 'a.b' },
          status: 'fail',
          instances: [
            { address: { to_display: 'a.b[0]' }, status: 'pass' },
            { address: { to_display: 'a.b[1]' }, status: 'fail', problems: [{ message: 'No.' }] },
            { address: { to_display: 'a.b[2]' }, status: 'of the future' },
          ],
        },
      ],
    },
  );
  expect(checks).toEqual([
    { address: 'check.a', status: 'error', problems: [] },
    { address: 'a.b[0]', status: 'pass', problems: [] },
    { address: 'a.b[1]', status: 'fail', problems: ['No.'] },
    { address: 'a.b[2]', status: 'unknown', problems: [] },
  ]);
});

test.each([
  [['delete'], true],
  [['delete', 'create'], true],
  [['create', 'delete'], true],
  [['create', 'forget'], false],
  [['forget'], false],
  [['update'], false],
])('%j loses something: %s', (actions, expected) => {
  expect(planOf(actions).changes.map(isLoss)).toEqual([expected]);
});

test.each([
  ['as Terraform says', ['create'], {}, { applyable: false }, false],
  ['a resource', ['update'], {}, {}, true],
  ['a plan that ended with an error', ['update'], {}, { errored: true }, false],
  ['a data source that is only read', ['read'], {}, {}, false],
  ['an output alone', ['no-op'], {}, { output_changes: { ip: { actions: ['update'] } } }, true],
  ['nothing', ['no-op'], {}, { output_changes: { ip: { actions: ['no-op'] } } }, false],
])('whether an apply would change anything: %s', (_, actions, more, file, expected) => {
  expect(changesAnything(planOf(actions, more, file))).toBe(expected);
});

test('integers keep their digits, however many', () => {
  const { changes } = readPlan(
    '{"format_version":"1.2","resource_changes":[{"address":"a.b","change":{"actions":["create"],"after":{"id":12345678901234567890,"n":-9007199254740993,"text":"9007199254740993","small":3}}}]}',
  );
  expect(changes[0]?.change.after).toEqual({
    id: 12345678901234567890n,
    n: -9007199254740993n,
    text: '9007199254740993',
    small: 3,
  });
});
