import fc from 'fast-check';
import { load, loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { userErrors } from '../../runner/errors.ts';
import { type Edit, edit } from './edit.ts';
import { isPlain } from './plain.ts';
import type { Path } from './source.ts';

/* Random YAML, random edits. Two parsers judge: the one that the editor uses, and one that it knows nothing of. */

const numRuns = Number(process.env.PROPERTY_RUNS ?? 100);

type Tree =
  | { value: string; style: 0 | 1 | 2; note: string }
  | { flow: boolean; items: Tree[]; keys: string[] | undefined };

const printable = fc
  .string({ unit: 'grapheme' })
  .filter(text => /^[\x20-\x7e\u00a1-\u2027\u3040-\ud7ff]*$/.test(text));
const trees = fc.letrec<{ tree: Tree; leaf: Tree; branch: Tree }>(tie => ({
  leaf: fc.record({
    value: fc.oneof(printable, fc.constantFrom('v1', '1.10', 'yes', 'ghcr.io/a/b:v1@sha256:00', '')),
    style: fc.constantFrom(0, 1, 2),
    note: fc.constantFrom('', ' # note', '   # "x": {y', ' '),
  }),
  branch: fc.record({
    flow: fc.boolean(),
    items: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }),
    keys: fc.option(fc.constant<string[]>(['a', 'b b', '"c"', 'd-1']), { nil: undefined }),
  }),
  tree: fc.oneof({ depthSize: 'small' }, tie('leaf'), tie('branch')),
})).branch;

interface Place {
  path: Path;
  start: number;
  end: number;
}

/**
 * Writes a tree as YAML, and notes where each of its values stands.
 * @param head what stands above it, up to its key
 */
function write(tree: Tree, newline: string, head = ''): { text: string; places: Place[]; maps: Path[] } {
  const places: Place[] = [];
  const maps: Path[] = [];
  let text = head;
  const scalar = (path: Path, value: string, style: number) => {
    const start = text.length;
    text +=
      style === 0 && isPlain(value)
        ? value
        : style === 1
          ? `'${value.replaceAll("'", "''")}'`
          : JSON.stringify(value);
    places.push({ path, start, end: text.length });
  };
  const visit = (node: Tree, path: Path, indent: string, flow: boolean): void => {
    if ('value' in node) {
      text += ' ';
      scalar(path, node.value, node.style);
      if (!flow) text += node.note + newline;
      return;
    }
    const inFlow = flow || node.flow;
    if (node.keys) maps.push(path);
    if (inFlow) text += node.keys ? ' {' : ' [';
    else if (text !== '') text += newline;
    node.items.forEach((item, index) => {
      const key = node.keys?.[index];
      if (inFlow) text += index > 0 ? ', ' : '';
      else text += indent;
      text += key === undefined ? (inFlow ? '' : '-') : `${key}:`;
      const name = key === undefined ? index : key.replaceAll('"', '');
      visit(item, [...path, name], `${indent}  `, inFlow);
    });
    if (inFlow) text += (node.keys ? '}' : ']') + (flow ? '' : newline);
  };
  if (head === '') visit(tree, [], '', false);
  else visit(tree, ['tree'], '  ', false);
  return { text, places, maps };
}

const judges: ((text: string) => unknown)[] = [
  // The parser stumbles over a byte order mark before a list.
  text => parse(text.replace(/^\ufeff/, '')),
  text => load(text),
];

const files = fc
  .record({ tree: trees, newline: fc.constantFrom('\n', '\r\n'), mark: fc.boolean(), cut: fc.boolean() })
  .map(({ tree, newline, mark, cut }) => {
    const { text, places, maps } = write(tree, newline);
    return {
      text: (mark ? '\ufeff' : '') + (cut ? text.trimEnd() : text),
      begin: mark ? 1 : 0,
      places,
      maps,
    };
  });
const texts = fc.oneof(
  printable,
  fc.constantFrom('v2', '1.10', 'no', "it's", '"', '# x', '{{ a }}', '0o17', '1_000'),
);

const change = (text: string, ...edits: (Omit<Edit, 'document'> & { document?: number })[]): string =>
  Buffer.from(
    edit(
      'x.yaml',
      Buffer.from(text),
      edits.map(each => ({ document: 0, ...each })),
    ).bytes,
  ).toString();

/** What both parsers make of the text before, with the change made to the values. */
function expectOnly(
  text: string,
  after: string,
  path: Path,
  alter: (parent: Record<string, unknown>, key: string) => void,
) {
  for (const read of judges) {
    const wanted = read(text) as Record<string, unknown>;
    const parent = path
      .slice(0, -1)
      .reduce<Record<string, unknown>>((node, key) => node[key] as typeof node, wanted);
    alter(parent, String(path.at(-1)));
    expect(read(after)).toEqual(wanted);
  }
}

test('of any YAML exactly the chosen value changes, in its bytes and in its meaning', () => {
  fc.assert(
    fc.property(files, fc.nat(), texts, ({ text, begin, places }, pick, value) => {
      const place = places[pick % places.length];
      fc.pre(
        place !== undefined &&
          place.end + begin <= text.length &&
          !/\{\{|\$\{/.test(text.slice(place.start, place.end + begin)),
      );
      const after = change(text, { path: place.path, value });
      const [head, tail] = [text.slice(0, place.start + begin), text.slice(place.end + begin)];
      expect(after.startsWith(head) && after.endsWith(tail)).toBe(true);
      expectOnly(text, after, place.path, (parent, key) => {
        parent[key] = value;
      });
    }),
    { numRuns },
  );
});

/** How long the beginning is that two texts share. */
const shared = (one: string, other: string): number => {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
};

test('a key that is missing comes into any map, as one stretch of text and nothing else', () => {
  fc.assert(
    fc.property(files, fc.nat(), texts, ({ text, maps }, pick, value) => {
      fc.pre(maps.length > 0);
      const path = [...(maps[pick % maps.length] ?? []), 'new-key'];
      const after = change(text, { path, value });
      const head = shared(text, after);
      expect(text.endsWith(after.slice(head + after.length - text.length))).toBe(true);
      expectOnly(text, after, path, (parent, key) => {
        parent[key] = value;
      });
    }),
    { numRuns },
  );
});

test('a key that must go leaves any map, or is refused where it is the only one', () => {
  let refused = 0;
  fc.assert(
    fc.property(files, fc.nat(), ({ text, places }, pick) => {
      const place = places[pick % places.length];
      fc.pre(place !== undefined && typeof place.path.at(-1) === 'string');
      try {
        const after = change(text, { path: place.path, value: null });
        const head = shared(after, text);
        expect(after.endsWith(text.slice(head + text.length - after.length))).toBe(true);
        expectOnly(text, after, place.path, (parent, key) => {
          delete parent[key];
        });
      } catch (error) {
        expect(userErrors(error).map(({ message }) => message)).toEqual([
          expect.stringMatching(/cannot be taken out safely|is a template/),
        ]);
        refused++;
      }
    }),
    { numRuns },
  );
  expect(refused).toBeLessThan(numRuns * 0.7);
});

/** What people share and fold within a document: none of it may move with a value beside it. */
const common = [
  'base: &base { a: v1, "b": [x] }',
  'alias: *base',
  'merged:',
  '  <<: *base',
  '  own: v1 # mine',
];
const blocks = ['block: |', '  # v1', '  image: { tag: v1 }', '', 'folded: >-', '  v1', '', '  v1', 'tree:'];

interface Target {
  document: number;
  path: Path;
  within?: Path;
}

/** Several documents with all of that, and the values in them. */
const streams = fc
  .record({ trees: fc.array(trees, { minLength: 1, maxLength: 3 }), newline: fc.constantFrom('\n', '\r\n') })
  .map(({ trees, newline }) => {
    const written = trees.map(tree => write(tree, newline, [...common, ...blocks].join(newline)));
    return {
      text: written.map(({ text }) => text).join(`--- # next${newline}`),
      places: written.flatMap(({ places, text }, document): Target[] => [
        ...places
          .filter(({ start, end }) => !/\{\{|\$\{/.test(text.slice(start, end)))
          .map(({ path }) => ({ document, path })),
        { document, path: ['merged', 'own'] },
        { document, path: ['image', 'tag'], within: ['block'] },
      ]),
    };
  });

const streamJudges: ((text: string) => unknown[])[] = [
  text => parseAllDocuments(text).map(document => document.toJS() as unknown),
  text => loadAll(text) as unknown[],
];

/** The meaning of a stream, of the YAML in its blocks too. */
const meaning = (read: (text: string) => unknown[], text: string): Node[] =>
  (read(text) as Node[]).map(each => ({ ...each, block: parse(String(each.block)) as unknown }));

type Node = Record<string | number, unknown>;

test('several values in several documents, beside anchors, merge keys and blocks: they and nothing else', () => {
  const picks = fc.array(fc.tuple(fc.nat(), texts), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(streams, picks, ({ text, places }, chosen) => {
      const wanted = new Map(
        chosen.flatMap(([pick, value]) => {
          const place = places[pick % places.length];
          return place ? [[place, value] as const] : [];
        }),
      );
      const edits = [...wanted].map(([place, value]) => ({ ...place, value }));
      const after = change(text, ...edits);
      // One by one they leave every other byte alone, as is shown above: all at once, too.
      expect(after).toBe(edits.reduce((before, each) => change(before, each), text));
      for (const read of streamJudges) {
        const meant = meaning(read, text);
        for (const { document, path, within = [], value } of edits) {
          const whole = [...within, ...path];
          const parent = whole.slice(0, -1).reduce((node, key) => node[key] as Node, meant[document] as Node);
          parent[whole.at(-1) ?? ''] = value;
        }
        expect(meaning(read, after)).toEqual(meant);
      }
    }),
    { numRuns: Math.ceil(numRuns / 5) },
  );
});
