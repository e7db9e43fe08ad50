import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  fitted,
  longestText,
  type Part,
  type PartName,
  parseBody,
  partNames,
  renderBody,
} from './issue-body.ts';

const key = 'drift staging';

/* Texts as a plan, a person or somebody with bad intent may write them. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.constantFrom('\n', '\r\n', '```', '```diff\n+ x\n', '<details>', '</details>', '-->', '## DNS'),
      fc.constantFrom(...['part', 'text', 'rest', 'seen', 'end'].map(kind => `<!-- slipway:${kind} -->`)),
      fc.constantFrom('<!-- slipway:issue "drift staging" -->', '<!-- slipway:part {"name":"DNS"} -->'),
    ),
    { maxLength: 8 },
  )
  .map(pieces => pieces.join(''));
const word = fc.string({ unit: fc.constantFrom(...'ab.\n#'), maxLength: 20 });
const part = fc.record<Part>(
  {
    state: fc.constantFrom<Part['state']>('drifted', 'clean', 'unseen'),
    text,
    seen: text,
    run: fc.webUrl(),
  },
  { requiredKeys: ['state', 'text', 'seen'] },
);
const parts = fc
  .uniqueArray(fc.tuple(fc.constantFrom<PartName>(...partNames), part), { selector: ([name]) => name })
  .map(all => new Map(all));

/** As it stands in an issue: only what cannot be told from our marks is another. */
const settled = (each: Part): Part => ({ ...each, text: fitted(each.text), seen: fitted(each.seen) });

test('what is written is read again, whatever is in it, and people’s words stay', () => {
  fc.assert(
    fc.property(parts, word, word, (all, before, after) => {
      const body = renderBody(key, { before, parts: all, after });
      const found = parseBody(key, body.replaceAll('\n', '\r\n'));
      expect(found).toEqual({
        ...{ before, after },
        parts: new Map([...all].map(([name, each]) => [name, settled(each)])),
      });
      expect(renderBody(key, found ?? { before, parts: all, after })).toBe(body);
      expect(parseBody('drift production', body)).toBeUndefined();
    }),
    { examples: [[new Map([['Terraform', { state: 'clean', text: '\n', seen: '' }]]), '', '']] },
  );
});

test('the parts are independent: one that is written anew, or goes, leaves the text of the others to the last byte', () => {
  fc.assert(
    fc.property(parts, fc.constantFrom<PartName>(...partNames), part, (all, name, other) => {
      const rendered = (some: typeof all) => renderBody(key, { before: '', parts: some, after: '' });
      const sections = (body: string) =>
        new Map(
          body
            .split('<!-- slipway:part ')
            .slice(1)
            .map(each => [/"name":"(\w+)"/.exec(each)?.[1], each.replace('<!-- slipway:end -->', '')]),
        );
      const before = sections(rendered(all));
      const after = sections(rendered(new Map([...all, [name, other]])));
      before.delete(name);
      after.delete(name);
      expect(after).toEqual(before);
    }),
  );
});

test('three long parts fit, each cut in its own room, and are known as the same', () => {
  const long = `### long\n\n\`\`\`diff\n${'+ x\n'.repeat(20_000)}\`\`\``;
  const all = new Map(
    partNames.map((name): [PartName, Part] => [name, { state: 'clean', text: long, seen: 's' }]),
  );
  const body = renderBody(key, { before: 'Ann looks. ', parts: all, after: 'z'.repeat(5000) });
  expect(body.length).toBeLessThan(65_536);
  expect(body).toMatch(/^Ann looks\. .*z$/s);
  for (const { text: found } of parseBody(key, body)?.parts.values() ?? []) expect(found).toBe(fitted(long));
  expect(fitted(fitted(long))).toBe(fitted(long));
  expect(renderBody(key, { before: 'y'.repeat(20_000), parts: all, after: '' })).not.toContain('yy');
});

test('what is too long is cut once, and what to do about it still stands beneath', () => {
  const long = `### a\n\n\`\`\`diff\n${'+ a.example.com  A  203.0.113.10\n'.repeat(2000)}\`\`\``;
  const text = fitted(long, 'An apply takes this back.');
  expect(text.length).toBeLessThanOrEqual(longestText);
  expect(text).toMatch(/10\n```\n\n_The rest is in the run\._\n\nAn apply takes this back\.$/);
  expect(fitted(text)).toBe(text);
  expect(fitted('short', 'An apply takes this back.')).toBe('short\n\nAn apply takes this back.');
});

const body = renderBody(key, {
  before: '',
  after: '',
  parts: new Map([
    ['DNS', { state: 'drifted', text: 'one', seen: 's', run: 'r' }],
    ['Terraform', { state: 'clean', text: 'two', seen: 's', run: 'r' }],
  ]),
});

test.each<[string, string, string[] | undefined]>([
  ['as it was written', body, ['Terraform', 'DNS']],
  ['with nothing of ours', 'Somebody wrote this', undefined],
  ['without its end', body.replace('<!-- slipway:end -->', ''), undefined],
  ['with an end before its beginning', `<!-- slipway:end -->${body}`, ['Terraform', 'DNS']],
  ['with a head that is no JSON', body.replace('{"name":"DNS"', '{name'), ['Terraform']],
  ['with a part of another name', body.replace('"name":"DNS"', '"name":"Weather"'), ['Terraform']],
  ['with a state of another name', body.replace('"drifted"', '"gone"'), ['Terraform']],
  ['with a mark taken out', body.replace('<!-- slipway:text -->\ntwo', 'two'), ['DNS']],
  [
    'as one text, as it was before there were parts',
    '<!-- slipway:issue "drift staging" -->\n### staging: 1 to create\n<!-- slipway:seen -->\n\ncommit abc\n<!-- slipway:end -->',
    [],
  ],
])('a body %s', (_, given, expected) => {
  const found = parseBody(key, given);
  expect(found && [...found.parts.keys()]).toEqual(expected);
});

test('a body reads like this', () => {
  expect(body.replaceAll(/<!-- .*? -->\n?/g, '').trimEnd()).toBe(`
**Drifted: DNS.** This closes itself when nothing has drifted any more. Close it as "not planned" to hear no more of exactly this.

## Terraform

Nothing has drifted.

<details><summary>What it was</summary>

two

</details>

s

## DNS

one

s`);
});

test.each<[string, Part, string]>([
  [
    'of which nobody knows anything yet',
    { state: 'unseen', text: '', seen: 's' },
    'It has not been seen since this was opened.\n\ns',
  ],
  [
    'of which is known what somebody has accepted',
    { state: 'unseen', text: 'one', seen: 's' },
    `It has not been seen since this was opened.

<details><summary>What was closed as "not planned"</summary>

one

</details>

s`,
  ],
])('a part %s reads like this', (_, each, expected) => {
  const whole = renderBody(key, { before: '', after: '', parts: new Map([['DNS', each]]) });
  const [, section = ''] = whole.replaceAll(/<!-- .*? -->\n?/g, '').split('## DNS\n\n');
  expect(section.trimEnd().replaceAll(/\n{3,}/g, '\n\n')).toBe(expected);
});
