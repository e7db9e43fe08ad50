import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { scrubber } from '../../runner/scrub.ts';
import { patience, processorTime } from '../testing.ts';
import { attributeLines } from './attributes.ts';
import { differences } from './diff.ts';

const brief = { attributes: 60, characters: 200, lines: 40 };

function shown(before: unknown, after: unknown, secrets: string[] = []): string[] {
  const style = { scrub: scrubber(secrets), limits: brief };
  return attributeLines(differences({ actions: [], before: { a: before }, after: { a: after } }), style);
}

const numbered = (count: number, text = 'line') =>
  Array.from({ length: count }, (_, index) => `${text} ${index}`);
const script = numbered(10_000);
const policy = (...statements: object[]) => JSON.stringify({ Version: '2012', Statement: statements });

test.each<[string, unknown, unknown, string[]]>([
  ['short texts', 'x', 'y', ['!   a = "x" → "y"']],
  ['numbers', 9007199254740993n, 2, ['!   a = 9007199254740993 → 2']],
  [
    'a number of very many digits',
    BigInt(`1${'0'.repeat(50_000)}`),
    2,
    [`!   a = 1${'0'.repeat(198)}… (50001 characters) → 2`],
  ],
  ['true and its text', true, 'true', ['!   a = true → "true"']],
  [
    'long texts, from where they begin to differ',
    `${'same '.repeat(100)}old ${'same '.repeat(100)}`,
    `${'same '.repeat(100)}new ${'same '.repeat(100)}`,
    [
      '!   a:',
      expect.stringMatching(/^- {5}"…(?:same )+old same .*… \(\d+ characters\)$/),
      expect.stringMatching(/^\+ {5}"…(?:same )+new/),
    ],
  ],
  [
    'lines',
    'a\nb\nc\nd\ne\nf\n',
    'a\nb\nc\nx\ne\nf\n',
    ['!   a:', '#     … 1 line as before', '      b', '      c', '-     d', '+     x', '      e', '      f'],
  ],
  [
    'a newline at the end',
    'a\nb',
    'a\nb\n',
    ['!   a:', '      a', '-     b', '#     without a newline at the end', '+     b'],
  ],
  [
    'one line that becomes two',
    'one',
    'one\ntwo\n',
    ['!   a:', '-     one', '#     without a newline at the end', '+     one', '+     two'],
  ],
  [
    'JSON',
    policy({ Sid: 'a', Action: 's3:Get' }),
    policy({ Sid: 'new' }, { Sid: 'a', Action: 's3:Put' }),
    [
      '!   a: (JSON)',
      '+     Statement[0].Sid      = "new"',
      '!     Statement[0→1].Action = "s3:Get" → "s3:Put"',
    ],
  ],
  [
    'JSON in JSON',
    JSON.stringify({ inner: policy({ Sid: 'a' }) }),
    JSON.stringify({ inner: policy({ Sid: 'b' }) }),
    ['!   a: (JSON)', '!     inner: (JSON)', '!       Statement[0].Sid = "a" → "b"'],
  ],
  [
    'JSON that is only written differently',
    '{"a": 1}',
    '{"a":1}',
    ['!   a = (the same JSON, written differently)'],
  ],
  [
    'JSON with a key that every object inherits',
    policy({ Sid: 'a' }),
    policy({ Sid: 'a', constructor: { admin: true } }),
    ['!   a: (JSON)', '+     Statement[0].constructor.admin = true'],
  ],
  ['JSON that is not', '{"a": 1', '{"a":1}', ['!   a = "{\\"a\\": 1" → "{\\"a\\":1}"']],
  [
    'JSON that comes',
    null,
    policy({ Sid: 'a', Effect: 'Deny' }),
    [
      '+   a: (JSON)',
      '+     Version             = "2012"',
      '+     Statement[0].Sid    = "a"',
      '+     Statement[0].Effect = "Deny"',
    ],
  ],
  [
    'YAML',
    stringify({ b: { c: [1, 2] }, d: 'x' }),
    stringify({ b: { c: [0, 1, 2] }, d: 'y: z' }),
    ['!   a: (YAML)', '+     b.c[0] = 0', '!     d      = x → "y: z"'],
  ],
  [
    'YAML of which only a comment differs',
    'a: 1\nb: 2\n# one\n',
    'a: 1\nb: 2\n# two\n',
    ['!   a:', '      a: 1', '      b: 2', '-     # one', '+     # two'],
  ],
  [
    'YAML with an octal mode and a version',
    'mode: 0644\nversion: 1.10\n',
    'mode: 0600\nversion: 1.20\n',
    ['!   a: (YAML)', '!     mode    = 0644 → 0600', '!     version = 1.10 → 1.20'],
  ],
  ['one line that would be YAML', 'a: 1', 'a: 2', ['!   a = "a: 1" → "a: 2"']],
  [
    'a text that only begins as YAML does',
    'a: 1\n{ no\n',
    'a: 2\n{ no\n',
    ['!   a:', '-     a: 1', '+     a: 2', '      { no'],
  ],
  ['lines that come', null, 'a\nb\n', ['+   a:', '+     a', '+     b']],
  ['lines that go', 'a\nb\n', null, ['-   a:', '-     a', '-     b']],
])('%s', (_, before, after, expected) => {
  expect(shown(before, after)).toEqual(expected);
});

test.each<[string, string, string[]]>([
  [
    'one line of ten thousand',
    script.with(5_000, 'changed').join('\n'),
    [
      '!   a:',
      '#     … 4998 lines as before',
      '      line 4998',
      '      line 4999',
      '-     line 5000',
      '+     changed',
      '      line 5001',
      '      line 5002',
      '#     … 4997 lines as before',
    ],
  ],
  [
    'a line in front of ten thousand',
    ['first', ...script].join('\n'),
    ['!   a:', '+     first', '      line 0', '      line 1', '#     … 9998 lines as before'],
  ],
])('%s is found', (_, after, expected) => {
  expect(shown(script.join('\n'), after)).toEqual(expected);
});

test('ten thousand lines that all differ are no work and little to read', patience, () => {
  let lines: string[] = [];
  const work = () => {
    lines = shown(script.join('\n'), numbered(10_000, 'row').join('\n'));
  };
  expect(processorTime(work)).toBeLessThan(2_000);
  expect(lines).toHaveLength(41);
  expect(lines.filter(line => line.startsWith('#'))).toEqual([]);
  expect(lines).toContain('-     … 9981 more lines');
  expect(lines).toContain('+     … 9981 more lines');
});

test.each<[string, unknown, unknown, string[]]>([
  [
    'a secret inside',
    'https://u:first-secret@h',
    'https://u:second-secret@h',
    ['!   a = "https://u:***@h" (what is sensitive in it differs)'],
  ],
  [
    'a secret in JSON',
    '{"t":"first-secret","n":1}',
    '{"t":"second-secret","n":2}',
    ['!   a: (JSON)', '!     n = 1 → 2'],
  ],
  [
    'a secret that JSON writes in its own way',
    '{"t":"\\u0066irst-secret","n":"1"}',
    '{"t":"\\u0066irst-secret","n":"2"}',
    ['!   a: (JSON)', '!     n = "1" → "2"'],
  ],
  ['JSON that is a secret as a whole', null, '{"user":"somebody","password":"something"}', ['+   a = "***"']],
  [
    'a secret over two lines',
    null,
    'x\nmultiple lines\nof a secret\ny',
    ['+   a:', '+     x', '+     ***', '+     y'],
  ],
])('%s is not shown', (_, before, after, expected) => {
  const secrets = [
    'first-secret',
    'second-secret',
    '{"user":"somebody","password":"something"}',
    'multiple lines\nof a secret',
  ];
  expect(shown(before, after, secrets)).toEqual(expected);
});

test.each([
  ['empty lines', '\n'],
  ['lines of blanks', ' \n'],
  ['brackets', '['],
  ['quotes', '"'],
  ['backslashes', '\\'],
  ['comments', '#\n'],
  ['keys', 'a:\n'],
  ['aliases', '- &a [*a,*a]\n'],
])('a text of ten thousand %s is shown at once', patience, (_, piece) => {
  const text = piece.repeat(10_000);
  const work = () => expect(shown(`${text}x`, `${text}y`).length).toBeLessThan(50);
  expect(processorTime(work)).toBeLessThan(2_000);
});

test('two hundred thousand attributes are shown in a terminal', patience, () => {
  const after = Object.fromEntries(numbered(200_000, 'key').map(key => [key, 1]));
  const style = { scrub: scrubber([]), limits: { attributes: Infinity, characters: 200, lines: Infinity } };
  expect(attributeLines(differences({ actions: [], before: {}, after }), style)).toHaveLength(200_000);
});

test('more attributes than anybody reads are counted', () => {
  const all = Object.fromEntries(numbered(100, 'key').map(key => [key, 1]));
  const lines = shown(null, all);
  expect(lines).toHaveLength(61);
  expect(lines.at(-1)).toBe('#   … and 40 more attributes');
});

test.each([
  ['JSON', '['.repeat(20_000) + ']'.repeat(20_000)],
  ['JSON of maps', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`],
  ['YAML', `- - a\n${'- '.repeat(2_000)}b\n`],
])('%s so deep that walking through it would overflow the stack is a text', (_, deep) => {
  for (const lines of [shown(null, deep), shown(deep, `${deep}\n`)]) {
    expect(lines[0]).toMatch(/^[+!] {3}a(:$| = ")/);
    expect(lines.join('\n')).not.toMatch(/\((JSON|YAML)\)/);
  }
});

test('two texts of a hundred thousand lines that have nothing in common are told, without comparing each with each', () => {
  expect(shown('x\n'.repeat(100_000), 'y\n'.repeat(100_000))[0]).toBe('!   a:');
});
