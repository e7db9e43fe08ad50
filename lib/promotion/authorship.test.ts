import { expect, test } from 'vitest';
import { isAllOurs, touchedByPeople } from './authorship.ts';
import { type Pin, readPin } from './pin.ts';
import { set } from './plan.ts';
import { readTrailers, writeTrailers } from './trailers.ts';

const pin = (revision: string): Pin =>
  readPin(
    'ui',
    'ui.yaml',
    Buffer.from(`kind: Application\nspec: { source: { targetRevision: ${revision} } }\n`),
  );

/** The message of our commit that moves the pin. */
const ours = (from: string, to: string, by = 'octocat (push)'): string =>
  `Promote ui\n\nui ${from} → ${to}\n\n${writeTrailers({ by, run: 'https://x/runs/1' }, set(pin(from), { revision: to }).moves)}`;
const theirs = 'Somebody\n\nfixes it';

test.each<[string, string[], string, string, boolean]>([
  ['nothing was done', [], 'v1', 'v1', false],
  ['ours as we left it', [ours('v1', 'v2')], 'v2', 'v1', false],
  ['ours, with somebody’s file behind it', [theirs, ours('v1', 'v2')], 'v2', 'v1', false],
  ['the latest of ours', [ours('v2', 'v3'), ours('v1', 'v2')], 'v3', 'v1', false],
  ['set by a person', [theirs, ours('v1', 'v2')], 'v9', 'v1', true],
  ['set by a person, before there was anything of ours', [theirs], 'v9', 'v1', true],
  ['put back by a person to where we found it', [theirs, ours('v1', 'v2')], 'v1', 'v1', true],
  ['put back by us', [ours('v2', 'v1'), ours('v1', 'v2')], 'v1', 'v1', false],
  ['merged, and the base has gone on since', [ours('v1', 'v2')], 'v3', 'v3', false],
  [
    'made anew from the base',
    ['Take main into promote/production as it is', ours('v1', 'v2')],
    'v1',
    'v1',
    false,
  ],
  ['handed back', [theirs, theirs, ours('v1', 'v2')], 'v2', 'v1', false],
])('%s', (_, messages, branch, base, expected) => {
  expect(touchedByPeople(messages, [pin(branch)], [pin(base)])).toEqual(expected ? ['ui'] : []);
});

test.each<[string[], boolean]>([
  [[], true],
  [[ours('v1', 'v2'), 'Merge main into promote/production'], true],
  [
    [
      `Pause ui\n\n${writeTrailers({}, [], [{ kind: 'paused', service: 'ui' }])}`,
      'Take main into hold/production as it is',
    ],
    true,
  ],
  [[theirs, ours('v1', 'v2')], false],
  [["Merge branch 'main' into promote/production"], false],
  [Array<string>(100).fill(ours('v1', 'v2')), false],
])('only what is all ours is made anew', (messages, expected) => {
  expect(isAllOurs(messages)).toBe(expected);
});

test('the last lines of a message are read again, out of a squashed one too', () => {
  const squashed = `Promote (#7)\n\n* ${ours('v1', 'v2', 'ada (push)')}\n\n* ${ours('v2', 'v3')}`.replaceAll(
    '\n',
    '\r\n',
  );
  const { by, run, steps } = readTrailers(squashed);
  expect([by, run, [...steps.keys()]]).toEqual(['octocat (push)', 'https://x/runs/1', ['ui']]);
  expect(readTrailers('Run: javascript:x\nnothing')).toEqual({
    by: undefined,
    run: undefined,
    steps: new Map(),
    isOurs: false,
  });
});
