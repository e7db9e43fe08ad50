import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodings } from '../runner/text.ts';
import { readPlan } from './model.ts';
import { doneLine, renderMarkdown, renderText, summaryLine, type View } from './render.ts';
import { sensitiveValues } from './secrets.ts';

const fixtures = join(import.meta.dirname, 'fixtures');

function viewOf(json: string, warnings: string[] = []): View {
  const plan = readPlan(json);
  return { plan, name: 'staging', secrets: sensitiveValues(plan), warnings };
}

const view = (fixture: string, warnings?: string[]) =>
  viewOf(readFileSync(join(fixtures, `${fixture}.json`), 'utf8'), warnings);

test.each(['first-plan', 'every-action', 'secrets', 'awkward-text', 'no-changes'])('%s', async fixture => {
  const shown = view(
    fixture,
    fixture === 'awkward-text' ? ['Deprecated: use ```x``` instead\n</details>'] : [],
  );
  await expect(renderMarkdown(shown, 65_536)).toMatchFileSnapshot(join(fixtures, `${fixture}.md`));
  await expect(`${renderText(shown)}\n`).toMatchFileSnapshot(join(fixtures, `${fixture}.txt`));
});

test('one line says what is planned and what was done', () => {
  expect(summaryLine(view('no-changes'))).toBe('staging: no changes');
  expect(summaryLine(view('first-plan'))).toBe(
    'staging: 12 to create, 0 to update, 0 to replace, 0 to destroy, 5 changed outputs',
  );
  expect(doneLine(view('first-plan'))).toMatch(/^staging: 12 created, 0 updated, 0 replaced, 0 destroyed/);
});

test('what does not fit is counted, losses are what is kept', () => {
  const changes = Array.from({ length: 3_000 }, (_, index) => ({
    address: `example_thing.many[${index}]`,
    change: { actions: [index < 2_990 ? 'create' : 'delete'], before: null, after: { name: `n${index}` } },
  }));
  const markdown = renderMarkdown(
    viewOf(JSON.stringify({ format_version: '1.2', resource_changes: changes })),
    8_000,
    '[the run](https://example.com)',
  );
  expect(markdown).toContain('2990 to create, 0 to update, 0 to replace, 10 to destroy');
  for (let index = 2_990; index < 3_000; index++)
    expect(markdown).toContain(`- example_thing.many[${index}]`);
  const shown = markdown.match(/^[+-] example_thing/gm)?.length ?? 0;
  expect(markdown).toContain(`… and ${3_000 - shown} more: [the run](https://example.com)`);
});

// Plans at random, with secrets that also stand unmarked in other places, in other encodings.
const secret = fc
  .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 12, maxLength: 40 })
  .map(hex => `s3cr3t-${hex}`);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '```',
    '\n```\n',
    '</details>',
    '@team',
    '~~~~',
    '\u202e',
    '\0',
    '`'.repeat(300),
    'x'.repeat(5_000),
  ),
);
const leaf = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
const attributes = fc.dictionary(
  fc.oneof(fc.constantFrom('id', 'name'), text),
  fc.oneof(leaf, fc.array(leaf), fc.dictionary(text, leaf)),
);
const resource = fc.record({
  address: fc
    .tuple(fc.constantFrom('a.b', 'data.c.d'), text)
    .map(([name, key]) => `${name}[${JSON.stringify(key)}]`),
  actions: fc.constantFrom(
    ['create'],
    ['update'],
    ['delete'],
    ['delete', 'create'],
    ['create', 'delete'],
    ['read'],
    ['forget'],
    ['no-op'],
  ),
  before: attributes,
  after: attributes,
  unknown: fc.dictionary(fc.constantFrom('id', 'name', 'more'), fc.boolean()),
});
const planFile = fc
  .record({
    resources: fc.array(resource, { maxLength: 12 }),
    outputs: fc.dictionary(text, leaf),
    secrets: fc.array(secret, { minLength: 1, maxLength: 3 }),
    spread: fc.boolean(),
  })
  .map(({ resources, outputs, secrets, spread }) => ({
    secrets,
    json: JSON.stringify({
      format_version: '1.2',
      resource_changes: resources.map(({ address, actions, before, after, unknown }, index) => ({
        address: spread ? `${address}.${secrets[0]}` : address,
        change: {
          actions,
          before: { ...before, marked: secrets[0], nested: { list: ['open', secrets.at(-1)] } },
          after: spread
            ? { ...after, copies: secrets.flatMap(encodings), inside: `https://u:${secrets[0]}@h/${index}` }
            : after,
          after_unknown: unknown,
          before_sensitive: { marked: true, nested: { list: [false, true] } },
          after_sensitive: false,
        },
      })),
      output_changes: Object.fromEntries(
        Object.entries(outputs).map(([name, after]) => [name, { actions: ['create'], before: null, after }]),
      ),
      variables: Object.fromEntries(secrets.map((value, index) => [`v${index}`, { value }])),
      configuration: {
        root_module: {
          variables: Object.fromEntries(secrets.map((_, index) => [`v${index}`, { sensitive: true }])),
        },
      },
    }),
  }));

test('any plan is Markdown that fits, is whole, counts everything and holds no sensitive value', () => {
  fc.assert(
    fc.property(planFile, fc.integer({ min: 6_000, max: 65_536 }), ({ json, secrets }, limit) => {
      const shown = viewOf(json, ['a warning']);
      const markdown = renderMarkdown(shown, limit, '[the run](https://example.com)');
      expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(limit);
      expect(markdown.isWellFormed()).toBe(true);
      expect(markdown.startsWith(`### ${summaryLine(shown)}\n`)).toBe(true);
      expect(outline(markdown)).toBe('whole');
      for (const all of [markdown, renderText(shown)]) {
        for (const shape of secrets.flatMap(encodings)) expect(all).not.toContain(shape);
      }
    }),
    { numRuns: 150 },
  );
});

/** Reads the structure as a Markdown parser would: folds that open and close in turn, fences that end where they should. */
function outline(markdown: string): string {
  let fence = '';
  let folds = 0;
  for (const line of markdown.split('\n')) {
    const ticks = /^ {0,3}(`{3,})[^`]*$/.exec(line)?.[1] ?? '';
    if (fence) {
      if (ticks.length >= fence.length && line.trim() === ticks) fence = '';
      else if (!/^[-+!#] /.test(line)) return `a line in a fence that begins with no sign: ${line}`;
      continue;
    }
    if (ticks) fence = ticks;
    else if (line.startsWith('<details')) folds++;
    else if (line === '</details>') folds--;
    else if (/<\/?(?:details|summary|script)/.test(line) && !line.startsWith('> '))
      return `stray HTML: ${line}`;
    if (folds < 0 || folds > 1) return 'folds do not pair';
  }
  return fence ? 'a fence stays open' : folds === 0 ? 'whole' : 'a fold stays open';
}
