import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostsOf } from './hosts.ts';
import { parseRule, type Rule, RuleError } from './rule.ts';

test.each([
  ['Host(`a.com`)', ['a.com']],
  ['Host("a.com")', ['a.com']],
  ['Host("\\u0061.com")', ['a.com']],
  ['host(`a.com`) && HOST(`b.com`) || HostHeader(`c.com`)', ['a.com', 'b.com', 'c.com']],
  ['Host(`a.com`, `b.com`,)', ['a.com', 'b.com']],
  ['Host("\\U0001F600.com") || Host("a\\\\b\\"")', ['😀.com', 'a\\b"']],
  ['Host(`a.com`) /* (Host(`b.com`) */ && Path(`/`)', ['a.com']],
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

const shown = (rule: Rule): string => {
  if (rule.kind === 'matcher') return `${rule.negated ? '!' : ''}${rule.name}(${rule.values.join()})`;
  return `${rule.kind}(${rule.rules.map(shown).join(' ')})`;
};

test.each([
  ['host(`a`)', 'Host(a)'],
  ['Host(`a`) && Path(`/x`) || METHOD(`GET`, `PUT`)', 'any(all(Host(a) Path(/x)) Method(GET,PUT))'],
  ['Host(`a`) && (Path(`/x`) || Path(`/y`))', 'all(Host(a) any(Path(/x) Path(/y)))'],
  ['!(Host(`a`) && !(Path(`/x`) && Path(`/y`)))', 'any(!Host(a) all(Path(/x) Path(/y)))'],
  ['Host(`a`) || (Host(`b`) || ((Host(`c`))))', 'any(Host(a) Host(b) Host(c))'],
])('%s is the tree %s', (rule, tree) => {
  expect(shown(parseRule(rule))).toBe(tree);
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
  ['Host(`a.com`) && Path(``)', 'Path() has no value'],
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
  ['hOst(`a.com`)', 'a matcher such as Host(`…`) expected, hOst found'],
  ['Host("\\/")', '"\\/" has an escape that is not understood'],
  ['Host("\\ud800")', '"\\ud800" has an escape that is not understood'],
  ['Host("\\q")', '"\\q" has an escape that is not understood'],
  // Go puts a semicolon at the end of the first line.
  ['Host(`a.com`)\n&& Path(`/`)', '"&&", "||" or the end expected, "&&" found'],
])('%s is not understood', (rule, reason) => {
  expect(() => hostsOf(rule)).toThrow(new RuleError(reason));
});

type Tree = { host: string } | { path: string } | { not: Tree } | { both: [Tree, Tree]; by: '&&' | '||' };

const trees = fc
  .letrec<{ tree: Tree; leaf: Tree }>(tie => ({
    leaf: fc.constantFrom<Tree[]>({ host: '' }, { path: '' }),
    tree: fc.oneof(
      { maxDepth: 3 },
      tie('leaf'),
      tie('tree').map(not => ({ not })),
      fc
        .tuple(tie('tree'), tie('tree'), fc.constantFrom('&&' as const, '||' as const))
        .map(([left, right, by]) => ({ both: [left, right] as [Tree, Tree], by })),
    ),
  }))
  .tree.map(tree => numbered(tree, { next: 0 }));

/** No leaf twice, so that each of them matters. */
const numbered = (tree: Tree, counter: { next: number }): Tree => {
  if ('host' in tree) return { host: `h${counter.next++}.com` };
  if ('path' in tree) return { path: `/p${counter.next++}` };
  if ('not' in tree) return { not: numbered(tree.not, counter) };
  return { ...tree, both: [numbered(tree.both[0], counter), numbered(tree.both[1], counter)] };
};

const written = (tree: Tree, blank: string): string => {
  if ('host' in tree) return `Host(${blank}\`${tree.host}\`)`;
  if ('path' in tree) return `PathPrefix("(!Host${tree.path}")`;
  if ('not' in tree) return `!${blank}(${written(tree.not, blank)})`;
  return `(${written(tree.both[0], blank)} ${tree.by}${blank}${written(tree.both[1], blank)})`;
};

const leaves = (tree: Tree): string[] => {
  if ('not' in tree) return leaves(tree.not);
  return 'both' in tree ? tree.both.flatMap(leaves) : Object.values(tree);
};

const evaluate = (tree: Tree, holds: ReadonlySet<string>): boolean => {
  if ('not' in tree) return !evaluate(tree.not, holds);
  if (!('both' in tree)) return Object.values(tree).some(leaf => holds.has(leaf));
  const [left, right] = tree.both.map(each => evaluate(each, holds));
  return tree.by === '&&' ? Boolean(left && right) : Boolean(left || right);
};

test('exactly those hosts are found that can turn a rule from no to yes, however deep', () => {
  fc.assert(
    fc.property(trees, fc.constantFrom('', ' ', '\n\t'), (tree, blank) => {
      const all = leaves(tree);
      const letIn = (host: string): boolean => {
        const others = all.filter(leaf => leaf !== host);
        return Array.from({ length: 2 ** others.length }).some((_, bits) => {
          const holding = others.filter((_, index) => (bits >> index) & 1);
          return !evaluate(tree, new Set(holding)) && evaluate(tree, new Set([...holding, host]));
        });
      };
      const hosts = all.filter(leaf => leaf.startsWith('h'));
      expect(hostsOf(written(tree, blank)).hosts).toEqual(hosts.filter(letIn));
    }),
  );
});

test('no text makes it fail otherwise than with a RuleError', () => {
  const scraps = ['Host', '(', ')', '!', '&&', '||', ',', '`a.com`', '"b.com"', '`', '"', '\\', '\n', 'é'];
  const texts = fc.oneof(
    fc.array(fc.constantFrom(...scraps), { maxLength: 30 }).map(parts => parts.join('')),
    fc.array(fc.nat(0x10ffff)).map(points => String.fromCodePoint(...points)),
  );
  fc.assert(
    fc.property(texts, rule => {
      try {
        hostsOf(rule);
      } catch (error) {
        if (!(error instanceof RuleError)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
});

test('brackets may be nested as deep as anybody writes them, and no deeper', () => {
  const nested = (depth: number) => `${'!(Path(`/`) && '.repeat(depth)}Host(\`a.com\`)${')'.repeat(depth)}`;
  expect(hostsOf(nested(500)).hosts).toEqual(['a.com']);
  expect(() => hostsOf(nested(501))).toThrow('its brackets are nested deeper than 500');
  expect(() => hostsOf('!('.repeat(100_000))).toThrow('its brackets are nested deeper than 500');
});
