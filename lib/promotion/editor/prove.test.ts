import { expect, test } from 'vitest';
import { type Effect, prove } from './prove.ts';
import { readSource } from './source.ts';
import type { Splice } from './splice.ts';

const before = '\ufeffa: &x {tag: v1}\nb: [1, 2]\nc: *x\ntag: v1\n';
const splice: Splice = { start: 37, end: 39, text: 'v2' };
const effect: Effect = { document: 0, path: ['tag'], value: 'v2' };
const hold = (after: string, splices = [splice], effects = [effect]) =>
  prove(
    readSource('x.yaml', Buffer.from(before)),
    readSource('x.yaml', Buffer.from(after)),
    splices,
    effects,
  );

const good = before.replace(/tag: v1\n$/, 'tag: v2\n');

test('what was wished and nothing else passes', () => {
  expect(() => hold(good)).not.toThrow();
});

test.each([
  ['nothing has changed', before],
  ['another value than the wished one', good.replace('v2', 'v3')],
  ['a number in the place of a text', good.replace('v2', '22')],
  ['the byte order mark is gone', good.slice(1)],
  ['a blank more', good.replace('[1, 2]', '[1,  2]')],
  ['a line ending changed', good.replace(']\n', ']\r\n')],
  ['a comment more', `${good}# x\n`],
  ['another value too', good.replace('[1, 2]', '[1, 3]')],
  ['a text in the place of a number', good.replace('[1, 2]', '[1, "2"]')],
  ['an anchor with another name', good.replaceAll('x', 'y')],
  ['an alias written out', good.replace('*x', '{tag: v1}')],
  ['a tag more', good.replace('v2', '!!str v2')],
  ['a document more', `${good}---\n`],
])('%s: refused', (_, after) => {
  expect(() => hold(after)).toThrow(/cannot be changed without changing more than is asked for/);
});

test('bytes that are replaced and meant otherwise are refused, also where both texts are right', () => {
  expect(() => hold(good, [splice], [{ ...effect, value: 'v3' }])).toThrow(/more than is asked for/);
  expect(() => hold(good, [splice], [{ ...effect, path: ['c'] }])).toThrow(/more than is asked for/);
  expect(() => hold(good, [{ ...splice, start: 36 }])).toThrow(/more than is asked for/);
  expect(() => hold(good, [])).toThrow(/more than is asked for/);
});
