import { expect, test } from 'vitest';
import { inert, inertCode, plain } from './inert.ts';

const foreign =
  'Fix | `x` &commat;all @team #1 GH-7 closes https://evil www.evil\n\u202e<b> *c* [d](e) ~f~ g_h';

test.each([inert, plain, inertCode])(
  'foreign text mentions nobody, closes nothing and links nowhere: %o',
  write => {
    const text = write(foreign, 400);
    expect(text).not.toMatch(/@\w|#\d|GH-\d|:\/\/|www\.|[\n\u202e]/i);
  },
);

test('Markdown takes foreign text for nothing else, an entity included', () => {
  expect(plain(foreign)).toBe(
    'Fix \\| \\`x\\` \\&commat;all @\u200bteam #\u200b1 G\u200bH-7 closes https:\u200b//evil w\u200bww.evil \\<b\\> \\*c\\* \\[d\\]\\(e\\) \\~f\\~ g\\_h',
  );
});

test('twice is as once', () => {
  expect(inert(inert(foreign))).toBe(inert(foreign));
});

test('what is too long is cut between characters', () => {
  expect(inert('😀'.repeat(9), 3)).toBe('😀😀…');
});
