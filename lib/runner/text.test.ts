import fc from 'fast-check';
import { expect, test } from 'vitest';
import { elapsed, encodings, inert, shown } from './text.ts';

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1000, '1.0 s'],
  [59_940, '59.9 s'],
  [59_950, '1 min 00 s'],
  [185_400, '3 min 05 s'],
])('%d milliseconds are %s', (milliseconds, text) => {
  expect(elapsed(milliseconds)).toBe(text);
});

test('a secret is recognised in every encoding in which a log may show it', () => {
  const secret = 'correct "horse"\nbattery staple';
  expect(encodings(secret)).toEqual(
    expect.arrayContaining([
      secret,
      'battery staple',
      'correct \\"horse\\"\\nbattery staple',
      'Y29ycmVjdCAiaG9yc2UiCmJhdHRlcnkgc3RhcGxl',
      '636f72726563742022686f727365220a6261747465727920737461706c65',
      'correct%20%22horse%22%0Abattery%20staple',
    ]),
  );
});

test.each([
  ['hex in capitals', 'secret/+?', '7365637265742F2B3F'],
  ["Terraform's jsonencode", 'a<b>&c d', 'a\\u003cb\\u003e\\u0026c d'],
  ["Terraform's urlencode", "it's secret!", 'it%27s+secret%21'],
])('a secret is recognised in %s', (_, secret, shape) => {
  expect(encodings(secret)).toContain(shape);
});

test('a secret is recognised in the base64 of any text around it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 8 }), fc.string(), fc.string(), (secret, before, after) => {
      for (const encoding of ['base64', 'base64url'] as const) {
        const text = Buffer.from(before + secret + after).toString(encoding);
        expect(encodings(secret).some(shape => text.includes(shape))).toBe(true);
      }
    }),
  );
});

test('what is too short to be a secret hides nothing of the log', () => {
  for (const word of ['', 'a', 'true', '12345']) expect(encodings(word)).not.toContain(word);
});

test('the longest form comes first, so that no rest of a secret stays when forms overlap', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 8 }), secret => {
      const lengths = encodings(secret).map(form => form.length);
      expect(lengths).toEqual(lengths.toSorted((a, b) => b - a));
    }),
  );
});

test.each(['::x::', '  ::x::', '\u0085::x::', 'a\n\u0085 \u0085::x::', '##[x]'])('%j is no command', text => {
  // As .NET's TrimStart has it.
  for (const line of inert(text).split(/\r\n|\r|\n/)) {
    expect(line.replace(/^[\s\u0085]+/, '').startsWith('::')).toBe(false);
    expect(line).not.toContain('##[');
  }
});

test('what strangers write stays one short line', () => {
  expect(shown('Straße 💩')).toBe('Straße 💩');
  expect(shown('a\n- b\t\u0085::c\u001b[31m\u202e')).toBe(String.raw`a\n- b\t\u0085::c\u001b[31m\u202e`);
  expect(shown('x'.repeat(1_000_000))).toBe(`${'x'.repeat(79)}…`);
  expect(shown('x'.repeat(300), 300)).toHaveLength(300);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => {
      expect(shown(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});
