import { expect, test } from 'vitest';
import { isOurs, merge, parse, render, revise, type Sections } from './sections.ts';

const sections = (...all: [string, string, number][]): Sections =>
  new Map(all.map(([key, text, revision]) => [key, { text, revision }]));

test("what is rendered is read back, in any order of writing and with a browser's line endings", () => {
  const all = sections(['plan staging', 'b\n\nc', 3], ['plan production', 'a', 1]);
  const body = render(all);
  expect(isOurs(body)).toBe(true);
  expect(body.indexOf('plan production')).toBeLessThan(body.indexOf('plan staging'));
  expect(parse(body)).toEqual(all);
  expect(parse(body.replaceAll('\n', '\r\n'))).toEqual(all);
  expect(render(parse(body))).toBe(body);
});

test('the later of two writings holds, and everybody chooses the same of two at once', () => {
  const [a, b] = [sections(['x', 'old', 1], ['y', 'one', 2]), sections(['x', 'new', 2], ['y', 'two', 2])];
  expect(merge([a, b])).toEqual(sections(['x', 'new', 2], ['y', 'two', 2]));
  expect(merge([b, a])).toEqual(merge([a, b]));
});

test('the same text again is no new writing', () => {
  const all = sections(['x', 'text', 4]);
  expect(revise(all, 'x', 'text\n')).toEqual({ text: 'text', revision: 4 });
  expect(revise(all, 'x', 'other')).toEqual({ text: 'other', revision: 5 });
  expect(revise(all, 'y', 'text')).toEqual({ text: 'text', revision: 1 });
});

test('a text that looks like the end of a section does not end it', () => {
  const text = 'a\n<!-- slipway:end -->\n<!-- slipway:section y 9 -->\nb\n<!-- slipway:end -->';
  const body = render(new Map([['x', revise(new Map(), 'x', text)]]));
  expect([...parse(body).keys()]).toEqual(['x']);
});

test('what would not fit is cut to its head, the longest first, and nothing stays open', () => {
  const long = `### staging: 7 to create\n\n<details>\n${'x'.repeat(60_000)}\n</details>`;
  const body = render(sections(['a', long, 1], ['b', `### short\n\n${'y'.repeat(9000)}`, 1]));
  expect(body.length).toBeLessThan(65_536);
  expect(body).toContain('### staging: 7 to create\n\n_The rest does not fit');
  expect(body).not.toContain('<details>');
  expect(body).toContain('y'.repeat(9000));
});
