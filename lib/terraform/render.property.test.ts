import fc from 'fast-check';
import { lexer, type Token, type Tokens } from 'marked';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { encodings } from '../runner/text.ts';
import { readPlan } from './model.ts';
import { renderMarkdown, renderText, summaryLine } from './render.ts';
import { sensitiveValues } from './secrets.ts';
import { patience } from './testing.ts';

// Plans at random, with secrets that also stand unmarked in other places, in other encodings.
const secret = fc
  .string({ unit: fc.constantFrom(...'0123456789abcdef"\\<&%+\' é'), minLength: 12, maxLength: 40 })
  .map(text => `s3cr3t-${text}-end`);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    ...[
      '```',
      '\n```\n',
      '</details>',
      '<details>',
      '<!-- slipway:end -->',
      '@team',
      '#1',
      '~~~~',
      '\u202e',
      '\0',
    ],
    ...[
      '::warning::x',
      '> quoted',
      '- a',
      '`'.repeat(300),
      'x'.repeat(5_000),
      'line\n'.repeat(200),
      '\r\n\t',
      'a: 1\nb: 2\n',
    ],
  ),
);
const leaf = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.dictionary(text, text).map(value => JSON.stringify(value)),
);
const attributes = fc.dictionary(
  fc.oneof(fc.constantFrom('id', 'name', 'list'), text),
  fc.oneof(
    leaf,
    fc.array(leaf),
    fc.array(fc.dictionary(fc.constantFrom('name', 'port'), leaf)),
    fc.dictionary(text, leaf),
  ),
);
const kinds = {
  create: [['create']],
  update: [['update']],
  destroy: [['delete']],
  replace: [
    ['delete', 'create'],
    ['create', 'delete'],
    ['create', 'forget'],
  ],
  forget: [['forget']],
  none: [['read'], ['no-op']],
};
const resource = fc.record({
  address: fc
    .tuple(fc.constantFrom('a.b', 'module.x["y.z"].c.d'), text)
    .map(([name, key]) => `${name}[${JSON.stringify(key)}]`),
  kind: fc
    .constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[]))
    .chain(kind => fc.constantFrom(...kinds[kind]).map(actions => ({ kind, actions }))),
  before: attributes,
  after: attributes,
  unknown: fc.dictionary(fc.constantFrom('id', 'name', 'more'), fc.boolean()),
  moved: fc.boolean(),
  more: fc.record(
    {
      deposed: fc.constant('ab12cd34'),
      action_reason: fc.oneof(fc.constantFrom('delete_because_no_module', 'constructor'), text),
    },
    { requiredKeys: [] },
  ),
  generated: fc.option(text, { nil: undefined }),
});
const planFile = fc
  .record({
    resources: fc.array(resource, { maxLength: 12 }),
    outputs: fc.dictionary(text, leaf),
    secrets: fc.array(secret, { minLength: 1, maxLength: 3 }),
    problem: text,
    spread: fc.boolean(),
  })
  .map(({ resources, outputs, secrets, problem, spread }) => {
    const rows = resources.map(
      ({ address, kind, before, after, unknown, moved, more, generated }, index) => ({
        ...more,
        address: spread ? `${address}.${secrets[0]}` : address,
        ...(moved && { previous_address: 'old.address' }),
        change: {
          actions: kind.actions,
          before: { ...before, marked: secrets[0], nested: { list: ['open', secrets.at(-1)] } },
          after: spread
            ? { ...after, ...copies(secrets), inside: `https://u:${secrets[0]}@h/${index}` }
            : after,
          after_unknown: unknown,
          before_sensitive: { marked: true, nested: { list: [false, true] } },
          after_sensitive: false,
          replace_paths: [['name'], ['nested', 'list', 0], [`odd ${secrets[0]}`]],
          ...(generated !== undefined && {
            importing: { id: secrets[0] },
            generated_config: `${generated}${secrets[0]}`,
          }),
        },
      }),
    );
    return {
      secrets,
      counts: Object.fromEntries(
        Object.keys(kinds).map(kind => [kind, resources.filter(each => each.kind.kind === kind).length]),
      ),
      warning: `${problem}${secrets[0]}`,
      json: JSON.stringify({
        format_version: '1.2',
        resource_changes: rows,
        resource_drift: rows,
        deferred_changes: rows.slice(0, 2).map(resource_change => ({ reason: problem, resource_change })),
        checks: [
          {
            address: { to_display: 'check.a' },
            status: 'fail',
            instances: [
              { address: { to_display: 'check.a' }, status: 'fail', problems: [{ message: problem }] },
            ],
          },
        ],
        output_changes: Object.fromEntries(
          Object.entries(outputs).map(([name, after]) => [
            name,
            { actions: ['create'], before: null, after: spread ? `${after} ${secrets[0]}` : after },
          ]),
        ),
        variables: Object.fromEntries(secrets.map((value, index) => [`v${index}`, { value }])),
        configuration: {
          root_module: {
            variables: Object.fromEntries(secrets.map((_, index) => [`v${index}`, { sensitive: true }])),
          },
        },
      }),
    };
  });

/** The places where a secret turns up without its mark. */
const copies = (secrets: string[]) => ({
  copies: secrets.flatMap(encodings),
  json: JSON.stringify({ deep: [{ secrets }], twice: JSON.stringify(secrets) }),
  yaml: stringify({ deep: [{ secrets }], text: `a\n${secrets[0]}\nb\n` }),
  lines: `first\n${secrets.join('\n')}\nlast`,
  base64: ['', 'a', 'ab'].map(before => Buffer.from(`${before}${secrets[0]} and more`).toString('base64')),
});

test(
  'any plan is Markdown that fits, is whole, counts everything and holds no sensitive value',
  patience,
  () => {
    fc.assert(
      fc.property(
        planFile,
        fc.integer({ min: 6_000, max: 65_536 }),
        ({ json, secrets, counts, warning }, limit) => {
          const plan = readPlan(json);
          const view = { plan, name: 'staging', secrets: sensitiveValues(plan), warnings: [warning] };
          const markdown = renderMarkdown(view, limit, '[the run](https://example.com)');
          expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(limit);
          expect(markdown.isWellFormed()).toBe(true);
          expect(markdown.startsWith(`### ${summaryLine(view)}\n`)).toBe(true);
          for (const kind of ['create', 'update', 'replace', 'destroy', 'forget'])
            if (counts[kind]) expect(summaryLine(view)).toContain(` ${counts[kind]} to ${kind}`);
          expect(outline(markdown)).toBe('whole');
          expect(shape(lexer(markdown))).toBe('whole');
          for (const all of [markdown, renderText(view)]) {
            for (const shape of secrets.flatMap(encodings)) expect(all).not.toContain(shape);
          }
        },
      ),
      { numRuns: 50 },
    );
  },
);

/** Reads the structure line by line: folds that open and close in turn, fences that end where they should. */
function outline(markdown: string): string {
  let fence = '';
  let language = '';
  let folds = 0;
  for (const line of markdown.split('\n')) {
    const [, ticks = '', word = ''] = /^ {0,3}(`{3,})([^`]*)$/.exec(line) ?? [];
    if (fence) {
      if (ticks.length >= fence.length && line.trim() === ticks) fence = '';
      else if (language === 'diff' && !/^(?:[-+!# ] |$)/.test(line))
        return `a line that begins with no sign: ${line}`;
      continue;
    }
    if (ticks) [fence, language] = [ticks, word];
    else if (line.startsWith('<details')) folds++;
    else if (line === '</details>') folds--;
    else if (/<\/?(?:details|summary|script)/.test(line) && !line.startsWith('> '))
      return `stray HTML: ${line}`;
    if (folds < 0 || folds > 1) return 'folds do not pair';
  }
  return fence ? 'a fence stays open' : folds === 0 ? 'whole' : 'a fold stays open';
}

/** What a Markdown parser sees: a heading, quotes, folds with one block of code each, and a last paragraph; no other HTML. */
function shape(tokens: Token[]): string {
  const inside = ({
    tokens = [],
    items = [],
  }: {
    tokens?: Token[];
    items?: { tokens: Token[] }[];
  }): Token[] => [...tokens, ...items].flatMap(each => [each as Token, ...inside(each as object)]);
  const top = tokens.filter(({ type }) => type !== 'space');
  const html = top.filter((token): token is Tokens.HTML => token.type === 'html');
  const tags = html.map(({ text }) => text.trim());
  if (
    !tags.every((tag, index) =>
      index % 2 ? tag === '</details>' : /^<details(?: open)?><summary>[\w (),]+<\/summary>$/.test(tag),
    )
  )
    return `other HTML: ${tags.join(' ')}`;
  if (tags.length % 2) return 'a fold stays open';
  const kinds = top.map(({ type }) => type).join(' ');
  if (!/^heading(?: blockquote)*(?: html code html)*(?: paragraph)?$/.test(kinds))
    return `other parts: ${kinds}`;
  const within = top.filter(({ type }) => type !== 'html').flatMap(token => inside(token as object));
  const stray = within.find(({ type }) => type === 'html');
  return stray ? `HTML inside: ${stray.raw}` : 'whole';
}
