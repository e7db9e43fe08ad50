import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { manyResources } from './fixtures/many.ts';
import { readPlan } from './model.ts';
import { doneLine, renderMarkdown, renderText, summaryLine, type View } from './render.ts';
import { sensitiveValues } from './secrets.ts';
import { patience } from './testing.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const names = globSync('*.json', { cwd: fixtures }).map(file => basename(file, '.json'));

function viewOf(json: string, warnings: string[] = []): View {
  const plan = readPlan(json);
  return { plan, name: 'staging', secrets: sensitiveValues(plan), warnings };
}

const view = (fixture: string, warnings?: string[]) =>
  viewOf(readFileSync(join(fixtures, `${fixture}.json`), 'utf8'), warnings);

const planOf = (changes: object[], more: object = {}) =>
  JSON.stringify({ format_version: '1.2', resource_changes: changes, ...more });

test('there are plans of every kind', () => {
  expect(names.length).toBeGreaterThanOrEqual(25);
});

test.each(names)('%s', async fixture => {
  const shown = view(
    fixture,
    fixture === 'awkward-text' ? ['Deprecated: use ```x``` instead\n</details>'] : [],
  );
  await expect(renderMarkdown(shown, 65_536)).toMatchFileSnapshot(join(fixtures, `${fixture}.md`));
  await expect(`${renderText(shown)}\n`).toMatchFileSnapshot(join(fixtures, `${fixture}.txt`));
});

test.each([
  ['no-changes', 'staging: no changes'],
  ['first-plan', 'staging: 12 to create, 0 to update, 0 to replace, 0 to destroy, 5 changed outputs'],
  ['outputs', 'staging: 4 changed outputs'],
  ['checks', 'staging: 1 to create, 0 to update, 0 to replace, 0 to destroy, 1 failed check'],
  ['deferred', 'staging: 1 to create, 0 to update, 0 to replace, 0 to destroy, 4 deferred'],
  [
    'every-action',
    'staging: 2 to create, 6 to update, 2 to replace, 3 to destroy, 2 to import, 1 to move, 1 to forget, 2 changed outputs, 5 changed outside of Terraform',
  ],
])('one line says what %s plans', (fixture, line) => {
  expect(summaryLine(view(fixture))).toBe(line);
});

test('one line says when a plan is not all of it', () => {
  expect(summaryLine(viewOf(planOf([], { complete: false })))).toBe(
    'staging: no changes, another plan needed afterwards',
  );
});

test('one line says what was done, and nothing that was only seen', () => {
  expect(doneLine(view('every-action', ['a warning']))).toBe(
    'staging: 2 created, 6 updated, 2 replaced, 3 destroyed, 2 imported, 1 moved, 1 forgotten, 2 changed outputs',
  );
});

const creations = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    address: `example_thing.many[${index}]`,
    change: { actions: ['create'], before: null, after: { name: `n${index}` } },
  }));

test('ten thousand lines are what differs in them', async () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `echo ${index}`);
  const after = ['# new', ...lines.with(5_000, 'echo changed'), '# end'];
  const shown = viewOf(
    planOf([
      {
        address: 'example_script.changed',
        change: {
          actions: ['update'],
          before: { text: lines.join('\n') },
          after: { text: after.join('\n') },
        },
      },
      {
        address: 'example_script.created',
        change: { actions: ['create'], after: { text: lines.join('\n') } },
      },
    ]),
  );
  await expect(renderMarkdown(shown, 65_536)).toMatchFileSnapshot(join(fixtures, 'ten-thousand-lines.md'));
});

test('what does not fit is counted, losses are what is kept', () => {
  const losses = Array.from({ length: 30 }, (_, index) => ({
    address: `example_thing.lost[${index}]`,
    change: { actions: ['delete'], before: { name: `n${index}` }, after: null },
  }));
  const markdown = renderMarkdown(
    viewOf(planOf([...creations(3_000), ...losses])),
    8_000,
    '[the run](https://example.com)',
  );
  expect(markdown).toContain('3000 to create, 0 to update, 0 to replace, 30 to destroy');
  expect(markdown).toContain('**This destroys 30 resources**');
  expect(markdown).toContain('> - … and 20 more');
  for (let index = 0; index < 30; index++) expect(markdown).toContain(`- example_thing.lost[${index}]`);
  const shown = markdown.match(/^[+-] example_thing/gm)?.length ?? 0;
  expect(shown).toBeGreaterThan(100);
  expect(markdown).toContain(`<summary>Changes (the first ${shown})</summary>`);
  expect(markdown).toContain(
    `… and ${3_030 - shown} more under “Changes”, 3000 more under “What is created”: [the run](https://example.com)`,
  );
});

test('no number of changes leaves out warnings, checks, outputs or drift', () => {
  const lost = { address: 'a.b', change: { actions: ['delete'], before: { a: 1 } } };
  const markdown = renderMarkdown(
    viewOf(
      planOf([...creations(3_000), lost], {
        output_changes: { address: { actions: ['create'], after: '203.0.113.80' } },
        resource_drift: [lost],
        checks: [{ address: { to_display: 'check.a' }, status: 'error' }],
      }),
      ['mind this'],
    ),
    8_000,
  );
  for (const text of [
    '! mind this',
    '- check.a  # could not be evaluated',
    '+   address = "203.0.113.80"',
    '! a.b  # gone',
  ])
    expect(markdown).toContain(`\n${text}\n`);
});

test.each([
  ['staging', 'staging'],
  ['@team </details> #1', '`@team </details> #1`'],
  ['a\n# b', '`a\\u000a# b`'],
])('the name %j stands in the heading as %s', (name, shown) => {
  expect(renderMarkdown({ ...view('no-changes'), name }, 65_536)).toBe(`### ${shown}: no changes`);
});

test('rows of drift that say the same are one', () => {
  const row = (index: number, before: object, after: object) => ({
    address: `module.region["eu.${index % 3}"].exoscale_nlb_service.ingress["${index}"]`,
    change: { actions: ['update'], before, after },
  });
  const alike = Array.from({ length: 163 }, (_, index) =>
    row(index, { state: 'running' }, { state: 'error' }),
  );
  const various = Array.from({ length: 5 }, (_, index) =>
    row(200 + index, { uri: '/' }, { uri: `/${index}` }),
  );
  const markdown = renderMarkdown(
    viewOf(planOf([...alike, ...various], { resource_drift: [...alike, ...various] })),
    65_536,
  );
  expect(markdown).toContain(`<summary>Changed outside of Terraform (168)</summary>

\`\`\`diff
! module.region["eu.0"].exoscale_nlb_service.ingress["0"] and 162 more like it
!   state = "running" → "error"

! module.region["eu.2"].exoscale_nlb_service.ingress["200"] and 4 more like it  # uri
\`\`\``);
});

test('of a text of 10,000 lines what differs is shown, in a comment and in the terminal', patience, () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}`);
  const [before, after] = [lines, lines.with(6_000, 'another line')].map(each => ({ text: each.join('\n') }));
  const shown = viewOf(planOf([{ address: 'a.b', change: { actions: ['update'], before, after } }]));
  for (const text of [renderMarkdown(shown, 65_536), renderText(shown)]) {
    expect(text).toMatch(/^-.*line 6000$/m);
    expect(text).toMatch(/^\+.*another line$/m);
    expect(text.length).toBeLessThan(2_000);
  }
});

test('five thousand resources fit a comment and a summary, and the terminal shows them all', patience, () => {
  const json = manyResources(5_000);
  const shown = viewOf(json);
  const line = '2500 to create, 1900 to update, 150 to replace, 200 to destroy';
  for (const limit of [65_536, 1024 * 1024]) {
    const markdown = renderMarkdown(shown, limit);
    expect(markdown).toContain(line);
    expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(limit);
    expect(Buffer.byteLength(markdown)).toBeGreaterThan(limit * 0.95);
    expect(markdown).not.toMatch(/pw-[0-9a-z]+-\d+/);
  }
  const text = renderText(shown);
  expect(text.match(/^[-+!] module\S+node\[\d+\]/gm)?.length).toBeGreaterThanOrEqual(4_750);
  expect(text).not.toMatch(/pw-[0-9a-z]+-\d+/);
  expect(text).toContain('postgres://shop:***@db-');
});
