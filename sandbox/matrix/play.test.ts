import { expect, test } from 'vitest';
import { play, type Row } from './rows.ts';
import type { World } from './world.ts';

const row: Row = { call: { label: 'a GET /x', nth: 0, by: 'us', writes: false }, what: 502 };
const expected = { calls: [row.call], state: '', writes: new Set<string>() };
const fails = (sentence: string) => async () => {
  throw new Error(sentence);
};

test('a world that does not open is a problem of its row', async () => {
  const subject = { open: fails('no port is free'), close: async () => {} };
  expect(await play(subject, expected, row)).toMatchObject({
    ...row,
    problems: ['its world did not open: no port is free'],
  });
});

test('a world that does not close is one too, beside what had gone wrong before', async () => {
  const gate = { calls: [], begin: () => {}, hasStruck: () => true } as unknown as World['gate'];
  const run = fails('a run had not ended after 240 s');
  const world: World = { gate, run, state: async () => '', complaints: () => [], close: fails('busy') };
  const subject = { open: async () => world, close: async () => {} };
  expect((await play(subject, expected, row)).problems).toEqual([
    'a run had not ended after 240 s',
    'its world did not close: busy',
  ]);
});
