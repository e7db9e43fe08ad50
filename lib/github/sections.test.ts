import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOurs, merge, parse, render, revise, type Section, type Sections } from './sections.ts';

const [c1, c2] = ['1'.repeat(40), '2'.repeat(40)];
const sections = (all: Record<string, Section>): Sections => new Map(Object.entries(all));

test("what is rendered is read back, in any order of writing and with a browser's line endings", () => {
  const all = sections({
    'plan staging': { text: 'b\n\nc', revision: 3, commit: c1, data: 'aGVsbG8_-' },
    'plan production': { text: 'a', revision: 1 },
    'any --> "key"\n <!-- slipway:end -->': { text: 'd', revision: 2 },
  });
  const body = render(all, c1);
  expect(isOurs(body)).toBe(true);
  expect(body.indexOf('plan production')).toBeLessThan(body.indexOf('plan staging'));
  expect(parse(body)).toEqual(all);
  expect(parse(body.replaceAll('\n', '\r\n'))).toEqual(all);
  expect(render(parse(body), c1)).toBe(body);
});

test('the later of two writings holds, and everybody chooses the same of two at once', () => {
  const [a, b] = [
    sections({ x: { text: 'old', revision: 1 }, y: { text: 'one', revision: 2 } }),
    sections({ x: { text: 'new', revision: 2 }, y: { text: 'two', revision: 2 } }),
  ];
  expect(merge([a, b])).toEqual(
    sections({ x: { text: 'new', revision: 2 }, y: { text: 'two', revision: 2 } }),
  );
  expect(merge([b, a])).toEqual(merge([a, b]));
});

test('a job that is late does not undo what was made for the newer commit', () => {
  const newer = sections({ x: { text: 'new', revision: 2, commit: c2 } });
  const late = sections({ x: { text: 'old', revision: 9, commit: c1 } });
  expect(merge([newer, late], c2)).toEqual(newer);
  expect(merge([late, newer], c2)).toEqual(newer);
  expect(merge([newer, late], c1)).toEqual(late);
});

test('what was made for another commit says so, for as long as it stands', () => {
  const all = sections({
    old: { text: 'old text', revision: 1, commit: c1 },
    new: { text: 'new text', revision: 1, commit: c2 },
    other: { text: 'other text', revision: 1 },
  });
  const body = render(all, c2);
  const note =
    '> [!NOTE]\n> What follows was made for commit 1111111. The pull request is at 2222222 by now.\n\n';
  expect(body.split(note)).toHaveLength(2);
  expect(body.indexOf(note)).toBeLessThan(body.indexOf('old text'));
  expect(body.indexOf(note)).toBeGreaterThan(body.indexOf('new text'));
  expect(parse(body)).toEqual(all);
  expect(render(parse(body), c1)).not.toContain('made for commit 1111111');
});

test('the same again is no new writing; another text, commit or data is', () => {
  const all = sections({ x: { text: 'text', revision: 4, commit: c1, data: 'abc' } });
  const wish = { body: 'text\n', commit: c1, data: 'abc' };
  expect(revise(all, 'x', wish).revision).toBe(4);
  expect(revise(all, 'x', { ...wish, body: 'other' })).toEqual({
    ...wish,
    body: undefined,
    text: 'other',
    revision: 5,
  });
  expect(revise(all, 'x', { ...wish, commit: c2 }).revision).toBe(5);
  expect(revise(all, 'x', { ...wish, data: 'abd' }).revision).toBe(5);
  expect(revise(all, 'y', wish).revision).toBe(1);
});

test.each([
  ['an end', 'a\n<!-- slipway:end -->\nb'],
  ['another section', 'a\n<!-- slipway:end -->\n<!-- slipway:section {"key":"y","revision":9} -->\nb'],
  ['data', 'a\n<!-- slipway:data eA -->\nb'],
])('a text that looks like %s is only text', (_, body) => {
  const mine = revise(new Map(), 'x', { body });
  expect(parse(render(new Map([['x', mine]])))).toEqual(new Map([['x', mine]]));
});

const two = render(
  sections({
    a: { text: 'of a', revision: 1, data: 'QUFB' },
    b: { text: 'of b', revision: 1, data: 'QkJC' },
  }),
);
const b = { text: 'of b', revision: 1, data: 'QkJC' };
test.each([
  ['spaces in the data', two.replace('QUFB', 'QU FB'), { a: { text: 'of a', revision: 1 }, b }],
  [
    'the data taken out',
    two.replace('<!-- slipway:data QUFB -->\n', ''),
    { a: { text: 'of a', revision: 1 }, b },
  ],
  ['a key longer than any of ours', two.replace('"key":"a"', `"key":"${'k'.repeat(201)}"`), { b }],
  ['a commit that is none', two.replace('"revision":1', '"revision":1,"commit":"@team **x**"'), { b }],
  ['a commit that is a number', two.replace('"revision":1', '"revision":1,"commit":5'), { b }],
  ...['9007199254740991', '-5', '1.5', '1e300'].map((revision): [string, string, object] => [
    `the revision ${revision}`,
    two.replace('"revision":1', `"revision":${revision}`),
    { a: { text: 'of a', revision: 0, data: 'QUFB' }, b },
  ]),
  ['no end', two.replace('<!-- slipway:end -->', ''), { b }],
  ['a head that is no JSON', two.replace('{"key":"a"', '{key:"a"'), { b }],
  ['a head without key', two.replace('"key":"a",', ''), { b }],
  ['a revision that is no number', two.replace('"revision":1', '"revision":"x"'), { b }],
  [
    'words between the sections',
    two.replace('<!-- slipway:end -->', '<!-- slipway:end -->\nHello'),
    { a: { text: 'of a', revision: 1, data: 'QUFB' }, b },
  ],
])('edited by hand: %s', (_, body, expected) => {
  expect(body).not.toBe(two);
  expect(parse(body)).toEqual(sections(expected as Record<string, Section>));
});

test('whatever the revision was set to by hand, the next writing is the later one', () => {
  const edited = parse(two.replace('"revision":1', '"revision":9007199254740991'));
  const next = revise(edited, 'a', { body: 'next' });
  expect(parse(render(merge([edited, new Map([['a', next]])]))).get('a')?.text).toBe('next');
  const after = revise(new Map([['a', next]]), 'a', { body: 'the one after' });
  expect(after.revision).toBeGreaterThan(next.revision);
});

test.each(['section', 'data', 'end'])(
  'very many marks "%s" that are not closed are read in no time',
  kind => {
    const body = `<!-- slipway -->\n${`<!-- slipway:${kind} `.repeat(30_000)}`;
    const before = process.cpuUsage().user;
    expect(parse(body).size).toBe(0);
    expect((process.cpuUsage().user - before) / 1000).toBeLessThan(1000);
  },
);

const crowd = (count: number, of: Section, key = '') =>
  new Map(Array.from({ length: count }, (_, index) => [`${index}${key}`, of]));
test.each<[string, Sections]>([
  ['empty', crowd(900, { text: '', revision: 1 })],
  ['of one letter', crowd(850, { text: 'x', revision: 1 })],
  ['with long keys', crowd(400, { text: 'x', revision: 1 }, '>'.repeat(190))],
  ['with long texts', crowd(700, { text: 'x '.repeat(100), revision: 1, commit: c2 })],
])('many sections put in by hand, %s, leave room for our own', (_, others) => {
  const data = 'A'.repeat(16_000);
  const mine = new Map([['plan staging', { text: long(5000), revision: 1, data }]]);
  const body = render(merge([others, mine]), c1, 'plan staging');
  expect(body.length).toBeLessThanOrEqual(65_536);
  expect(parse(body).get('plan staging')).toBeDefined();
  expect(render(merge([parse(body), mine]), c1, 'plan staging')).toBe(body);
});

test('hundreds of sections that say nothing do not push out data', () => {
  const ours = { text: long(5000), revision: 1, data: 'A'.repeat(16_000) };
  const all = new Map([...crowd(800, { text: '', revision: 1 }), ['plan staging', ours]]);
  expect(parse(render(all, c1, 'plan production')).get('plan staging')).toEqual(ours);
});

test.each([0, 3, -9007199254740991, 9007199254740991, 1e9])('a length of %d by hand: it fits', length => {
  const of = (text: string) => ({ text, revision: 1 });
  const body = render(sections({ a: of(long(40_000)), b: of(long(40_000)) })).replaceAll(
    /"length":\d+/g,
    `"length":${length}`,
  );
  expect(render(merge([parse(body), sections({ c: of(long(30_000)) })])).length).toBeLessThanOrEqual(65_536);
});

const long = (length: number) =>
  `### staging: 7 to create\n\n<details>\n\n\`\`\`diff\n${'+ an attribute = "value"\n'.repeat(length / 25)}\`\`\`\n\n</details>`;

test('what would not fit is cut, the longest first, and nothing stays open', () => {
  const body = render(
    sections({
      a: { text: long(60_000), revision: 1 },
      b: { text: `### short\n\n${long(9000)}`, revision: 1 },
    }),
  );
  expect(body.length).toBeLessThanOrEqual(65_536);
  expect(body.length).toBeGreaterThan(65_400);
  expect(body).toContain(
    '+ an attribute = "value"\n```\n\n</details>\n\n_The rest does not fit into one comment',
  );
  expect(parse(body).get('b')?.text).toBe(`### short\n\n${long(9000)}`);
});

test('hidden data makes room only when texts would say nothing any more', () => {
  const data = 'A'.repeat(16_384);
  const of = (count: number) =>
    render(
      new Map(
        Array.from({ length: count }, (_, index) => [`e${index}`, { text: long(20_000), revision: 1, data }]),
      ),
    );
  expect([...parse(of(3)).values()].every(section => section.data === data)).toBe(true);
  const kept = [...parse(of(5)).values()];
  expect(of(5).length).toBeLessThanOrEqual(65_536);
  expect(kept.filter(section => section.data === data)).toHaveLength(3);
  expect(kept.every(({ text }) => text.length > 900)).toBe(true);
});

test('of hidden data in parts the last goes first, and what is left is still known as what it is of', () => {
  const data = `${'B'.repeat(600)}.${'A'.repeat(15_000)}`;
  const all: Sections = new Map(
    Array.from({ length: 6 }, (_, index) => [`e${index}`, { text: long(20_000), revision: 1, data }]),
  );
  const body = render(all);
  expect(body.length).toBeLessThanOrEqual(65_536);
  const kept = parse(body);
  const whole = [...kept.values()].filter(section => section.data === data);
  expect(whole).toHaveLength(3);
  for (const section of kept.values()) expect(data.startsWith(section.data ?? 'none')).toBe(true);
  for (const key of all.keys()) expect(revise(kept, key, { body: long(20_000), data }).revision).toBe(1);
  expect(render(merge([kept, all]))).toBe(body);
});

test('a cut text is still known as the one that it is of', () => {
  const all = sections({ a: { text: long(60_000), revision: 3 }, b: { text: long(50_000), revision: 1 } });
  const shown = parse(render(all));
  expect(revise(shown, 'a', { body: long(60_000) }).revision).toBe(3);
  expect(revise(shown, 'a', { body: long(60_000).replace('7', '8') }).revision).toBe(4);
  expect(render(merge([shown, all]))).toBe(render(all));
});

const arbitrarySections = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.record(
    {
      text: fc.oneof(
        fc.string().map(each => each.trim()),
        fc.integer({ min: 0, max: 70_000 }).map(long),
      ),
      revision: fc.nat(100),
      commit: fc.constantFrom(c1, c2),
      data: fc
        .array(fc.integer({ min: 1, max: 5_400 }), { minLength: 1, maxLength: 3 })
        .map(lengths => lengths.map(length => 'x'.repeat(length)).join('.')),
    },
    { requiredKeys: ['text', 'revision'] },
  ),
  { maxKeys: 8 },
);

test('whatever the sections: it fits, and whoever saw only what was cut renders the same', () => {
  fc.assert(
    fc.property(arbitrarySections, all => {
      const whole: Sections = new Map(
        Object.entries(all).map(([key, { text, ...rest }]) => [
          key,
          { ...revise(new Map(), key, { body: text }), ...rest },
        ]),
      );
      const body = render(whole, c2);
      expect(body.length).toBeLessThanOrEqual(65_536);
      const seen = parse(body);
      expect([...seen.keys()].sort()).toEqual([...whole.keys()].sort());
      for (const [key, { revision, commit }] of whole)
        expect(seen.get(key)).toMatchObject({ revision, ...(commit && { commit }) });
      expect(render(seen, c2)).toBe(body);
      expect(render(merge([seen, whole], c2), c2)).toBe(body);
    }),
    { numRuns: 60 },
  );
});
