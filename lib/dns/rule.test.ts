import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostsOf, RuleError } from './rule.ts';

test.each([
  ['Host(`a.com`)', ['a.com']],
  ['Host("a.com")', ['a.com']],
  ['Host("\\u0061.com")', ['a.com']],
  ['host(`a.com`) && HOST(`b.com`) || HostHeader(`c.com`)', ['a.com', 'b.com', 'c.com']],
  ['Host(`a.com`, `b.com`,)', ['a.com', 'b.com']],
  ['HostSNI(`*`)', ['*']],
  ['Host(`*.a.com`) && PathPrefix(`/api`)', ['*.a.com']],
  ['PathPrefix(`/Host(evil.com)`) || Path(`x`)', []],
  ['(Host(`a.com`) || (Host(`b.com`)))&&Header(`X`, `y`)', ['a.com', 'b.com']],
  ['!Host(`a.com`)', []],
  ['!!Host(`a.com`)', ['a.com']],
  ['!(Host(`a.com`) || Path(`/x`)) && Host(`b.com`)', ['b.com']],
  ['!(Host(`a.com`) && !Host(`b.com`))', ['b.com']],
  ['!(!(Host(`a.com`)) || Path(`/x`)) || !Host(`b.com`)', ['a.com']],
  ['(!Host(`a.com`) || Path(`/x`)) && Host(`b.com`)', ['b.com']],
  ['\n  Host(`a.com`) &&\n  Path(`/x`)\n', ['a.com']],
])('%s', (rule, hosts) => {
  expect(hostsOf(rule)).toEqual({ hosts, patterns: [] });
});

test('a regular expression is no host', () => {
  expect(hostsOf('HostRegexp(`.+\\.a\\.com`) && !HostRegexp(`b`) || Host(`c.com`)')).toEqual({
    hosts: ['c.com'],
    patterns: ['.+\\.a\\.com'],
  });
});

test.each([
  ['', 'a matcher such as Host(`…`) expected, the end found'],
  ['Host', '"(" expected, the end found'],
  ['Host()', 'Host() has no value'],
  ['Host(a.com)', '".com)" at character 7 is no part of a rule'],
  ['Host(`a.com`', '"," or ")" expected, the end found'],
  ['Host(`a.com)', '"`a.com)" at character 6 is no part of a rule'],
  ["Host('a.com')", '"\'a.com\')" at character 6 is no part of a rule'],
  ['Host(`a.com`) & Path(`/`)', '"& Path(`/`)" at character 15 is no part of a rule'],
  ['Host(`a.com`) Path(`/`)', '"&&", "||" or the end expected, Path found'],
  ['Host(`a.com`) &&', 'a matcher such as Host(`…`) expected, the end found'],
  ['Host(`a.com`) && || Path(`/`)', 'a matcher such as Host(`…`) expected, "||" found'],
  ['(Host(`a.com`)', '")" expected, the end found'],
  ['Host(`a.com`))', '"&&", "||" or the end expected, ")" found'],
  ['Host(`a.com`) !Path(`/`)', '"&&", "||" or the end expected, "!" found'],
  ['Hots(`a.com`)', 'a matcher such as Host(`…`) expected, Hots found'],
  ['Host("\\q")', '"\\q" has an escape that is not understood'],
  // Go puts a semicolon at the end of the first line.
  ['Host(`a.com`)\n&& Path(`/`)', '"&&", "||" or the end expected, "&&" found'],
])('%s is not understood', (rule, reason) => {
  expect(() => hostsOf(rule)).toThrow(new RuleError(reason));
});

type Tree = { host: string } | { path: true } | { not: Tree } | { both: [Tree, Tree]; by: '&&' | '||' };

const trees = fc.letrec<{ tree: Tree; leaf: Tree }>(tie => ({
  leaf: fc.oneof(
    fc.nat(5).map(number => ({ host: `h${number}.com` })),
    fc.constant({ path: true as const }),
  ),
  tree: fc.oneof(
    { maxDepth: 6 },
    tie('leaf'),
    tie('tree').map(not => ({ not })),
    fc
      .tuple(tie('tree'), tie('tree'), fc.constantFrom('&&' as const, '||' as const))
      .map(([left, right, by]) => ({ both: [left, right] as [Tree, Tree], by })),
  ),
})).tree;

const written = (tree: Tree, blank: string): string => {
  if ('host' in tree) return `Host(${blank}\`${tree.host}\`)`;
  if ('path' in tree) return 'PathPrefix("/(!Host")';
  if ('not' in tree) return `!${blank}(${written(tree.not, blank)})`;
  return `(${written(tree.both[0], blank)} ${tree.by}${blank}${written(tree.both[1], blank)})`;
};

/** By the definition: push every negation down to the leaves, then take the leaves that have none. */
const positive = (tree: Tree, negated = false): string[] => {
  if ('host' in tree) return negated ? [] : [tree.host];
  if ('path' in tree) return [];
  if ('not' in tree) return positive(tree.not, !negated);
  return tree.both.flatMap(each => positive(each, negated));
};

test('exactly the hosts that are not negated are found, however deep', () => {
  fc.assert(
    fc.property(trees, fc.constantFrom('', ' ', '\n\t'), (tree, blank) => {
      expect(hostsOf(written(tree, blank)).hosts).toEqual(positive(tree));
    }),
  );
});

test('no text makes it fail otherwise than with a RuleError', () => {
  const scraps = ['Host', '(', ')', '!', '&&', '||', ',', '`a.com`', '"b.com"', '`', '"', '\\', '\n', 'é'];
  const texts = fc.oneof(
    fc.array(fc.constantFrom(...scraps), { maxLength: 30 }).map(parts => parts.join('')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(texts, rule => {
      try {
        hostsOf(rule);
      } catch (error) {
        expect(error).toBeInstanceOf(RuleError);
      }
    }),
    { numRuns: 1000 },
  );
  expect(() => hostsOf('!('.repeat(100_000))).toThrow(RuleError);
});
