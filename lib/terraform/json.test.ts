import fc from 'fast-check';
import { expect, test } from 'vitest';
import { depthOf, parseJson } from './json.ts';

const digits = '12345678901234567890';

test.each([
  ['in a map', `{"id":${digits}}`, { id: BigInt(digits) }],
  ['in a list', `[1,${digits},-${digits},3]`, [1, BigInt(digits), -BigInt(digits), 3]],
  ['with space around', `{"id" : [ ${digits}\n, ${digits} ]}`, { id: [BigInt(digits), BigInt(digits)] }],
  ['just beyond 2^53', '[9007199254740991,9007199254740993]', [9007199254740991, 9007199254740993n]],
  [
    'in a text, which stays a text',
    `{"a":",${digits},","b":"\\",${digits},"}`,
    { a: `,${digits},`, b: `",${digits},` },
  ],
  ['behind a text that ends in a backslash', `{"a":"\\\\","b":${digits}}`, { a: '\\', b: BigInt(digits) }],
  ['as a key', `{"${digits}":${digits}}`, { [digits]: BigInt(digits) }],
  ['with a fraction, which is no integer', `[${digits}.5,1e30]`, [1.2345678901234567e19, 1e30]],
])('an integer %s', (_, text, expected) => {
  expect(parseJson(text)).toEqual(expected);
});

test.each(Array.from({ length: 40 }, (_, index) => index))(
  'an integer is found wherever it stands, after %d characters',
  at => {
    const text = `["${'x'.repeat(at)}",1234567890123456789]`;
    expect(parseJson(text)).toEqual(['x'.repeat(at), 1234567890123456789n]);
  },
);

test('any JSON is what JSON.parse makes of it, but for the digits', () => {
  const exact = (_: string, value: unknown, { source = '' }: { source?: string } = {}) =>
    typeof value === 'number' && /^-?\d{16,}$/.test(source) && !Number.isSafeInteger(value)
      ? BigInt(source)
      : value;
  const { value } = fc.letrec(tie => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }).map(String),
      fc
        .string({ unit: fc.constantFrom('"', '\\', ',', ':', '[', ...'1234567890123456') })
        .map(text => JSON.stringify(text)),
      fc.array(tie('value')).map(parts => `[${parts.join(',')}]`),
      fc
        .array(fc.tuple(fc.string(), tie('value')))
        .map(parts => `{${parts.map(([key, part]) => `${JSON.stringify(key)}: ${part}`).join(',')}}`),
    ),
  }));
  fc.assert(
    fc.property(
      (value as fc.Arbitrary<string>).map(text => `[${text}]`),
      text => {
        expect(parseJson(text)).toEqual(JSON.parse(text, exact as (key: string, value: unknown) => unknown));
      },
    ),
    { numRuns: 500 },
  );
});

test.each<[string, number]>([
  ['', 0],
  ['"[["', 0],
  ['["\\"[[", {}]', 2],
  ['[[],[[]]]', 3],
  ['"unfinished [', 0],
  ['["a\\\\",[]]', 2],
])('the depth of %s is %i', (text, depth) => {
  expect(depthOf(text)).toBe(depth);
});
