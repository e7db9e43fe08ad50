import { expect, test } from 'vitest';
import { changesAnything, readPlan } from './model.ts';

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
])('%j is %s', (actions, action, createFirst) => {
  expect(planOf(actions).changes).toMatchObject([{ action, createFirst }]);
});

test('an action of the future is refused, not guessed', () => {
  expect(() => planOf(['migrate'])).toThrow('"migrate" that is not known here: use a newer version');
});

test.each(['1.0', '1.2', '1.99', '0.2'])('format %s is read, unknown keys and all', format_version => {
  expect(planOf(['create'], {}, { format_version, of_the_future: {} }).counts.create).toBe(1);
});

test.each(['2.0', '10.1', ''])('format "%s" is refused', format_version => {
  expect(() => planOf(['create'], {}, { format_version })).toThrow('formats 1.x are understood');
});

test('what stays as it is is left out, and a new address or an import is a change', () => {
  expect(planOf(['no-op']).changes).toEqual([]);
  expect(planOf(['no-op'], { previous_address: 'a.c' }).counts.move).toBe(1);
  expect(planOf(['no-op'], { change: { actions: ['no-op'], importing: {} } }).counts.import).toBe(1);
});

test('drift is what the plan answers; a row that only has a new address is none', () => {
  const resource_drift = [
    { address: 'a.b', change: { actions: ['update'] } },
    { address: 'a.b', previous_address: 'a.c', change: { actions: ['no-op'] } },
    { address: 'a.fills_in_by_itself', change: { actions: ['update'] } },
  ];
  expect(planOf(['update'], {}, { resource_drift }).drift).toMatchObject([
    { address: 'a.b', action: 'update' },
  ]);
});

test.each([
  ['as Terraform says', ['create'], {}, { applyable: false }, false],
  ['a resource', ['update'], {}, {}, true],
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
