import { expect, test } from 'vitest';
import { readPlan } from './model.ts';
import { sensitiveValues } from './secrets.ts';

const valuesOf = (file: object) => [
  ...sensitiveValues(readPlan(JSON.stringify({ format_version: '1.2', ...file }))),
];
const change = (more: object) => ({ address: 'a.b', change: { actions: ['update'], ...more } });

test.each<[string, object, string[]]>([
  [
    'what is marked on either side',
    {
      resource_changes: [
        change({
          before: { a: 'old' },
          after: { a: 'new' },
          before_sensitive: { a: true },
          after_sensitive: { a: true },
        }),
      ],
    },
    ['old', 'new'],
  ],
  [
    'all below a mark',
    {
      resource_changes: [
        change({ after: { a: { b: ['x', 4711], c: true, d: null } }, after_sensitive: { a: true } }),
      ],
    },
    ['x', '4711'],
  ],
  ['a whole resource', { resource_changes: [change({ after: { a: 'x' }, after_sensitive: true })] }, ['x']],
  [
    'a mark on a key that every object inherits, and the value does not have',
    { resource_changes: [change({ after: { a: {} }, after_sensitive: { a: { toString: true } } })] },
    [],
  ],
  [
    'a key that every object inherits',
    { resource_changes: [change({ after: { toString: 'x' }, after_sensitive: { toString: true } })] },
    ['x'],
  ],
  [
    'an element of a list',
    { resource_changes: [change({ after: { a: ['x', 'y'] }, after_sensitive: { a: [false, true] } })] },
    ['y'],
  ],
  [
    'what is in a text of JSON',
    { resource_changes: [change({ after: '{"user":"u","keys":["k",{"p":1}]}', after_sensitive: true })] },
    ['{"user":"u","keys":["k",{"p":1}]}', 'u', 'k', '1'],
  ],
  [
    'a resource that stays as it is',
    {
      resource_changes: [
        {
          ...change({ after: { a: 'x' }, after_sensitive: { a: true } }),
          change: { actions: ['no-op'], after: { a: 'x' }, after_sensitive: { a: true } },
        },
      ],
    },
    ['x'],
  ],
  ['drift', { resource_drift: [change({ before: { a: 'x' }, before_sensitive: { a: true } })] }, ['x']],
  [
    'what is deferred',
    {
      deferred_changes: [
        { reason: 'unknown', resource_change: change({ after: { a: 'x' }, after_sensitive: { a: true } }) },
      ],
    },
    ['x'],
  ],
  [
    'an output',
    {
      output_changes: {
        a: { actions: ['update'], before: 'x', after: 'y', before_sensitive: true, after_sensitive: true },
      },
    },
    ['x', 'y'],
  ],
  [
    'outputs of the state and those to come',
    {
      prior_state: { values: { outputs: { a: { value: 'x', sensitive: true } } } },
      planned_values: { outputs: { a: { value: 'y', sensitive: true }, b: { value: 'z' } } },
    },
    ['x', 'y'],
  ],
  [
    'the state, modules and all',
    {
      prior_state: {
        values: {
          root_module: {
            resources: [{ address: 'a.b', values: { a: 'x' }, sensitive_values: { a: true } }],
            child_modules: [
              { resources: [{ address: 'm.a.b', values: { a: 'y' }, sensitive_values: { a: true } }] },
            ],
          },
        },
      },
    },
    ['x', 'y'],
  ],
  [
    'variables, as their declarations say',
    {
      variables: { a: { value: 'x' }, b: { value: 'y' } },
      configuration: { root_module: { variables: { a: { sensitive: true }, b: {} } } },
    },
    ['x'],
  ],
  [
    'what an action is told',
    {
      action_invocations: [
        { address: 'action.a.b', config_values: { a: 'x', b: 'y' }, config_sensitive: { a: true } },
      ],
    },
    ['x'],
  ],
])('%s', (_, file, expected) => {
  expect(valuesOf(file)).toEqual(expected);
});

test('digits beyond 2^53 are kept', () => {
  const json =
    '{"format_version":"1.2","resource_changes":[{"address":"a.b","change":{"actions":["update"],"after":{"pin":12345678901234567890},"after_sensitive":{"pin":true}}}]}';
  expect([...sensitiveValues(readPlan(json))]).toEqual(['12345678901234567890']);
});
