import { expect, test } from 'vitest';
import { rules } from './rules.ts';

test.each([
  ['nothing', undefined, {}, { protect: [] }],
  ['platform.yaml alone', { protect: ['a.*'], 'max-destroys': 2 }, {}, { protect: ['a.*'], maxDestroys: 2 }],
  [
    'inputs alone',
    undefined,
    { protect: 'a.b\n\n  module.c  \n', maxDestroys: '0' },
    { protect: ['a.b', 'module.c'], maxDestroys: 0 },
  ],
  [
    'commas',
    undefined,
    { protect: 'a.b, a.c["x,y"],a.d["\\",z"]' },
    { protect: ['a.b', 'a.c["x,y"]', 'a.d["\\",z"]'] },
  ],
  [
    'both',
    { protect: ['a.*'], 'max-destroys': 5 },
    { protect: 'b.*', maxDestroys: '3' },
    { protect: ['a.*', 'b.*'], maxDestroys: 3 },
  ],
  [
    'both, the lower one in the file',
    { 'max-destroys': 1 },
    { maxDestroys: '3' },
    { protect: [], maxDestroys: 1 },
  ],
])('%s', (_, settings, given, expected) => {
  expect(rules(settings, given)).toEqual(expected);
});

test.each(['-1', '1.5', 'none', '1e3'])('max-destroys %s is refused', maxDestroys => {
  expect(() => rules(undefined, { maxDestroys })).toThrow(
    `Input "max-destroys" is "${maxDestroys}": write a whole number`,
  );
});

test.each(['foo[', '"', 'a..b', '[0]', 'a.b[x]', 'a b', '/etc', 'a.b["c]'])(
  'protect %s is refused',
  protect => {
    expect(() => rules(undefined, { protect })).toThrow(
      `Input "protect" has "${protect}", which is no address`,
    );
  },
);

test.each(['a.b[0]', 'a.*["*"]', 'module.a[*].b.c', 'größe.ö', 'exoscale_dbaas', 'a.b["x.\\"y"]'])(
  'protect %s is taken',
  protect => {
    expect(rules(undefined, { protect }).protect).toEqual([protect]);
  },
);
