import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { edit } from './edit.ts';
import { isPlain } from './plain.ts';
import type { Path } from './source.ts';

const file = 'pin.yaml';
const bytes = (text: string) => Buffer.from(text);
const change = (text: string, path: Path, value: string) =>
  Buffer.from(edit(file, bytes(text), [{ document: 0, path, value }]).bytes).toString();

test.each([
  ['plain', 'tag: v1\n', 'tag: v2\n'],
  ['a comment behind it', 'tag:   v1   # why\n', 'tag:   v2   # why\n'],
  ['double quotes', 'tag: "v1" # why\n', 'tag: "v2" # why\n'],
  ['single quotes', "tag: 'v1'\n", "tag: 'v2'\n"],
  ['an escape in the old value', 'tag: "v\\x31"\n', 'tag: "v2"\n'],
  ['CRLF', '# a\r\ntag: v1\r\nb: c\r\n', '# a\r\ntag: v2\r\nb: c\r\n'],
  ['line endings of both kinds', 'a: b\r\ntag: v1\nc: |\r\n  d\n', 'a: b\r\ntag: v2\nc: |\r\n  d\n'],
  ['a byte order mark', '\ufefftag: v1\n', '\ufefftag: v2\n'],
  ['no newline at the end', 'a: b\ntag: v1', 'a: b\ntag: v2'],
  ['a flow map', '{ a: 1,tag: v1 ,b: [2] }\n', '{ a: 1,tag: v2 ,b: [2] }\n'],
  ['no value', 'tag:\nb: c\n', 'tag: v2\nb: c\n'],
  ['no value at the end of the file', 'tag:', 'tag: v2'],
  ['no value but a comment', 'tag: # why\n', 'tag: v2 # why\n'],
  ['no value in a flow map', '{tag: , b: c}\n', '{tag: v2, b: c}\n'],
  ['an anchor that nobody uses', 'tag: &x v1\n', 'tag: &x v2\n'],
  ['a tag', 'tag: !!str 1.10\n', 'tag: !!str v2\n'],
  ['a value over two lines', 'tag: one\n  two # why\nb: c\n', 'tag: v2 # why\nb: c\n'],
  ['two documents', 'tag: v1\n---\ntag: v1\n', 'tag: v2\n---\ntag: v1\n'],
  [
    'unusual indentation and blanks',
    'a:\n\n- x\n-   y   \ntag:\n        v1\n',
    'a:\n\n- x\n-   y   \ntag:\n        v2\n',
  ],
  [
    'aliases elsewhere',
    'a: &a {x: 1}\nb: *a\nc: {<<: *a}\ntag: v1\n',
    'a: &a {x: 1}\nb: *a\nc: {<<: *a}\ntag: v2\n',
  ],
  ['a quoted template elsewhere', 'a: "{{ .x }}"\ntag: v1\n', 'a: "{{ .x }}"\ntag: v2\n'],
  ['letters of the world', 'ä: 日本\n😀: "é"\ntag: v1 # ñ\n', 'ä: 日本\n😀: "é"\ntag: v2 # ñ\n'],
])('%s: all but the value stays byte for byte', (_, before, after) => {
  expect(change(before, ['tag'], 'v2')).toBe(after);
});

test.each([
  ['v1.2.3', true],
  ['ghcr.io/acme/ui:v1@sha256:0000', true],
  ['ui=registry:5000/ui:v1', true],
  ['9d8e7fa', true],
  ['3f2a1bc9', true],
  ['1.10', false],
  ['1234567', false],
  ['0123', false],
  ['706798e8', false],
  ['1e3', false],
  ['0x1f', false],
  ['0o17', false],
  ['1_000', false],
  ['12:30', false],
  ['2024-01-15', false],
  ['yes', false],
  ['Off', false],
  ['n', false],
  ['null', false],
  ['~', false],
  ['.inf', false],
  ['', false],
  ['a: b', false],
  ['a #b', false],
  ['@a', false],
  ['a,b', false],
  ['a:', false],
  ['---', false],
])('the text %j stands without quotes: %s', (value, plain) => {
  expect(isPlain(value)).toBe(plain);
  const text = change('tag: v1\n', ['tag'], value);
  expect(text.startsWith('tag: "')).toBe(!plain);
  expect(parse(text)).toEqual({ tag: value });
  expect(parse(text, { version: '1.1' })).toEqual({ tag: value });
});

test.each([
  ['an alias', 'a: &x v1\ntag: *x\n', /tag is only an alias of "&x"/, 2],
  [
    'a value that an alias repeats',
    'tag: &x v1\na: *x\nb: [*x]\n',
    /repeated elsewhere through "\*x" \(line 2, 3\)/,
    1,
  ],
  ['a text block', 'a: b\ntag: |\n  v1\n', /is a text block/, 2],
  ['a map', 'tag: {a: b}\n', /is not a single value/, 1],
  ['a merge key', 'a: &x {tag: v1}\nb: c\n<<: *x\n', /takes keys over through a merge key/, 1],
  ['a key that stands twice', 'tag: v1\ntag: v1\n', /not valid YAML: Map keys must be unique/, 2],
  ['a template', 'a: b\ntag: {{ .Values.tag }}\n', /looks like a template/, 2],
  ['a tab as indentation', 'a:\n\tb: c\ntag: v1\n', /not valid YAML/, 2],
])('%s is refused with its line', (_, text, message, line) => {
  expect.assertions(2);
  try {
    change(text, ['tag'], 'v2');
  } catch (error) {
    const { message: said, at } =
      (error as { errors?: { message: string; at: { line: number } }[] }).errors?.[0] ??
      (error as { message: string; at: { line: number } });
    expect(said).toMatch(message);
    expect(at.line).toBe(line);
  }
});

test('bytes that are not UTF-8, and values that no YAML should hold, are refused', () => {
  const latin1 = Buffer.from([0x74, 0x3a, 0x20, 0xe9]);
  expect(() => edit(file, latin1, [{ document: 0, path: ['t'], value: 'x' }])).toThrow(/not UTF-8/);
  for (const value of ['a\nb', '\u0000', '\u2028', '\ufeff']) {
    expect(() => change('tag: v1\n', ['tag'], value)).toThrow(/cannot be written safely/);
  }
});

test('an anchor above the value that is repeated elsewhere is refused too', () => {
  expect(() => change('a: &x\n  tag: v1\nb: *x\n', ['a', 'tag'], 'v2')).toThrow(/a is repeated elsewhere/);
});

test('several values at once, two of them on one line, are one change a line', () => {
  const source = 'a: {x: v1, y: [v1]}\nb: "v1"\r\nc: d\n';
  const { bytes: after, hunks } = edit(
    file,
    bytes(source),
    [['b'], ['a', 'y', 0], ['a', 'x']].map(path => ({ document: 0, path, value: 'v2' })),
  );
  expect(Buffer.from(after).toString()).toBe(source.replaceAll('v1', 'v2'));
  expect(hunks).toEqual([
    { line: 1, before: ['a: {x: v1, y: [v1]}'], after: ['a: {x: v2, y: [v2]}'] },
    { line: 2, before: ['b: "v1"'], after: ['b: "v2"'] },
  ]);
});
