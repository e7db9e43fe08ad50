import { expect, test } from 'vitest';
import { differences } from './diff.ts';

const value = (value: unknown) => ({ kind: 'value', value });
const absent = { kind: 'absent' };
const unknown = { kind: 'unknown' };
const sensitive = { kind: 'sensitive' };

const found = (change: object) =>
  differences({ actions: [], ...change }).map(({ path, before, after }) => [path, before, after]);

test.each<[string, object, unknown[]]>([
  ['equal values', { before: { a: 1, b: [{ c: null }] }, after: { a: 1, b: [{}], d: null } }, []],
  ['a value', { before: { a: 1 }, after: { a: 2 } }, [['a', value(1), value(2)]]],
  [
    'a key with odd characters',
    { before: {}, after: { 'a b': { 'c-d': 1 } } },
    [['["a b"].c-d', absent, value(1)]],
  ],
  ['a resource that comes', { before: null, after: { a: { b: 1 }, c: [] } }, [['a.b', absent, value(1)]]],
  ['a resource that goes', { before: { a: 1 }, after: null }, [['a', value(1), absent]]],
  [
    'what is known later',
    { before: { a: 1 }, after: {}, after_unknown: { a: true, b: true } },
    [
      ['a', value(1), unknown],
      ['b', absent, unknown],
    ],
  ],
  ['a short list, in one', { before: null, after: { a: ['x', 1] } }, [['a', absent, value(['x', 1])]]],
  [
    'a short list with a secret in it',
    { before: null, after: { a: ['x', 'y'] }, after_sensitive: { a: [false, true] } },
    [
      ['a[0]', absent, value('x')],
      ['a[1]', absent, sensitive],
    ],
  ],
  ...['toString', 'constructor', 'valueOf', 'hasOwnProperty', '__proto__'].flatMap(
    (key): [string, object, unknown[]][] => {
      const own = (value: unknown) => JSON.parse(`{"port":1,"${key}":${JSON.stringify(value)}}`);
      return [
        [
          `${key} that comes`,
          { before: { a: [{ port: 1 }] }, after: { a: [own('x')] } },
          [[`a[0].${key}`, absent, value('x')]],
        ],
        [
          `${key} that goes`,
          { before: { a: own('x') }, after: { a: { port: 1 } } },
          [[`a.${key}`, value('x'), absent]],
        ],
        [
          `${key} that nothing marks`,
          { before: own('x'), after: own('y'), before_sensitive: {}, after_sensitive: {}, after_unknown: {} },
          [[key, value('x'), value('y')]],
        ],
        [`${key} that stays`, { before: { a: [own('x')] }, after: { a: [own('x')] } }, []],
      ];
    },
  ),
  [
    'an element that moves and changes',
    { before: { a: [{ name: 'x', b: 1 }] }, after: { a: [{ name: 'w' }, { name: 'x', b: 2 }] } },
    [
      ['a[0].name', absent, value('w')],
      ['a[0→1].b', value(1), value(2)],
    ],
  ],
  [
    'all of a resource marked',
    { before: { a: 1 }, after: { a: 2 }, after_sensitive: true },
    [['', sensitive, sensitive]],
  ],
  [
    'a mark that only one side has',
    { before: { a: 1 }, after: { a: 2 }, before_sensitive: { a: true }, after_sensitive: {} },
    [['a', sensitive, sensitive]],
  ],
  [
    'a marked map that stays',
    {
      before: { a: { b: 1 } },
      after: { a: { b: 1 } },
      before_sensitive: { a: true },
      after_sensitive: { a: true },
    },
    [],
  ],
  [
    'a text that becomes a map',
    { before: { a: 'x' }, after: { a: { b: 1 } } },
    [
      ['a', value('x'), absent],
      ['a.b', absent, value(1)],
    ],
  ],
  [
    'a map that becomes a list',
    { before: { a: { b: 1 } }, after: { a: ['x'] } },
    [
      ['a.b', value(1), absent],
      ['a', absent, value(['x'])],
    ],
  ],
  [
    'a list that is known later as a whole',
    { before: { a: ['x'] }, after: {}, after_unknown: { a: true } },
    [['a', value(['x']), unknown]],
  ],
  ['an output, which is no map', { before: 'x', after: 'y' }, [['', value('x'), value('y')]]],
])('%s', (_, change, expected) => {
  expect(found(change)).toEqual(expected);
});

test.each<[string, (string | number)[][], string[]]>([
  ['a value', [['zone']], ['zone']],
  ['an element', [['disks', 0, 'size']], ['disks[0].size']],
  ['all below', [['disks']], ['disks[0].size', 'disks[1].size']],
  ['the resource itself', [[]], ['zone', 'disks[0].size', 'disks[1].size', 'secret']],
  ['what lies in something marked', [['secret', 'key']], ['secret']],
])('a path that forces the replacement: %s', (_, replace_paths, expected) => {
  const all = differences({
    actions: ['delete', 'create'],
    before: { zone: 'a', disks: [{ size: 1 }, { size: 2 }], secret: { key: 1 } },
    after: { zone: 'b', disks: [{ size: 3 }, { size: 4 }], secret: { key: 2 } },
    after_sensitive: { secret: true },
    replace_paths,
  });
  expect(all.filter(each => each.forcesReplacement).map(({ path }) => path)).toEqual(expected);
});
