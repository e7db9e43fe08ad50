import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Alternative, alternatives, matches, Unreadable } from './rule.ts';

test.each<[string, Alternative[]]>([
  ['Host(`a.com`)', [{ host: 'a.com' }]],
  ['Host("a.com") && PathPrefix(`/x`)', [{ host: 'a.com', path: { value: '/x', exact: false } }]],
  ['Host(`a.com`) || Host(`b.com`)', [{ host: 'a.com' }, { host: 'b.com' }]],
  ['Host(`a.com`, `b.com`)', [{ host: 'a.com' }, { host: 'b.com' }]],
  [
    'Host(`a.com`) && Path(`/x`) && (Method(`GET`) || Method(`HEAD`))',
    ['GET', 'HEAD'].map(method => ({ host: 'a.com', path: { value: '/x', exact: true }, method })),
  ],
  [
    'Host(`a.com`) && (PathPrefix(`/a`) && PathPrefix(`/a/b`))',
    [{ host: 'a.com', path: { value: '/a/b', exact: false } }],
  ],
  ['Host(`a.com`) && Method(`GET`) && Method(`POST`)', []],
  ['Host(`a.com`) && Host(`b.com`)', []],
])('%s', (rule, expected) => {
  expect(alternatives(rule)).toEqual(expected);
});

test.each([
  ['!Host(`a.com`)', 'negates'],
  ['Host(`a.com`) && Header(`x`, `y`)', 'asks for Header'],
  ['HostRegexp(`.*`)', 'asks for HostRegexp'],
  ['PathPrefix(`/`)', 'names no host'],
  ['Host(`a.com`', 'expected'],
  ['Host(`a.com`) Path(`/`)', 'expected'],
  ['', 'expected'],
  [
    `Host(\`a.com\`) && ${Array.from({ length: 9 }, () => '(Path(`/a`) || Path(`/b`))').join(' && ')}`,
    'more than 200 ways',
  ],
])('of %j no request can be made up', (rule, why) => {
  expect(() => alternatives(rule)).toThrow(Unreadable);
  expect(() => alternatives(rule)).toThrow(why);
});

test('what a rule says is read or refused, and never brings anything down', () => {
  const word = fc.constantFrom(
    'Host(`a`)',
    'Method(`GET`)',
    'Path(`/`)',
    '(',
    ')',
    '&&',
    '||',
    '!',
    '`',
    ',',
    'x',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), words => {
      try {
        for (const { host } of alternatives(words.join(' '))) expect(host).toBe('a');
      } catch (error) {
        expect(error).toBeInstanceOf(Unreadable);
      }
    }),
  );
});

test.each([
  [{ host: 'A.com' }, { host: 'a.com', path: '/', method: 'GET' }, true],
  [{ host: 'b.com' }, { host: 'a.com', path: '/', method: 'GET' }, false],
  [{ host: 'a.com', method: 'POST' }, { host: 'a.com', path: '/', method: 'GET' }, false],
  [
    { host: 'a.com', path: { value: '/x', exact: true } },
    { host: 'a.com', path: '/x/y', method: 'GET' },
    false,
  ],
  [
    { host: 'a.com', path: { value: '/x', exact: false } },
    { host: 'a.com', path: '/x/y', method: 'GET' },
    true,
  ],
])('%j takes %j: %s', (alternative, request, expected) => {
  expect(matches(alternative, request)).toBe(expected);
});
