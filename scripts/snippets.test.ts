import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { Declaration } from '../lib/runner/action.ts';
import { actions, declared } from './docs.ts';
import { readArguments } from './slipway/arguments.ts';
import { action as doctor } from './slipway/commands/doctor.ts';
import { action as history } from './slipway/commands/history.ts';
import { action as restore } from './slipway/commands/restore.ts';
import { action as setup } from './slipway/commands/setup.ts';
import { type Job, readWorkflow } from './workflow-files.ts';

/* What the documentation tells people to write is held to what the code takes. */

const root = join(import.meta.dirname, '..');
const pages = globSync('{README.md,docs/*.md,actions/*/README.md,terraform/README.md}', { cwd: root });
const snippets = (language: string) =>
  pages.flatMap(page =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)]
      .filter(match => match[1] === language)
      .map(match => [page, match[2] ?? ''] as const),
  );
const scripts = (
  parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
).scripts;

interface Step {
  uses?: string;
  with?: Record<string, unknown>;
}

/** Every step with `uses:` anywhere in a snippet: it may be a whole workflow, a job, or a list of steps. */
const steps = (value: unknown): Step[] => {
  if (Array.isArray(value)) return value.flatMap(steps);
  if (typeof value !== 'object' || value === null) return [];
  return 'uses' in value ? [value as Step] : Object.values(value).flatMap(steps);
};

test.each(snippets('yaml'))('the YAML in %s uses actions as they are declared', (_, text) => {
  for (const step of steps(parseAllDocuments(text).map(each => each.toJS()))) {
    const name = /^(?:OWNER\/slipway|\.)\/actions\/([^@]+)(?:@v1)?$/.exec(step.uses ?? '')?.[1];
    if (!name) continue;
    expect(actions()).toContain(name);
    const { inputs } = declared(name);
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})));
    const required = Object.keys(inputs).filter(input => inputs[input]?.required);
    expect(Object.keys(step.with ?? {})).toEqual(expect.arrayContaining(required));
  }
});

interface Called {
  inputs?: Record<string, { required?: boolean }>;
  secrets?: Record<string, object>;
}

test.each(snippets('yaml'))(
  'the YAML in %s calls workflows as they are declared, and grants them what they need',
  (_, text) => {
    for (const job of steps(parseAllDocuments(text).map(each => each.toJS())) as Job[]) {
      const [, file] =
        /^(?:OWNER\/slipway|acme\/platform)\/(\.github\/workflows\/.+)@(?:v1|main)$/.exec(job.uses ?? '') ??
        [];
      if (!file) continue;
      const called = readWorkflow(file);
      const { inputs = {}, secrets = {} } = (called.on.workflow_call ?? {}) as Called;
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(job.with ?? {})));
      const required = Object.keys(inputs).filter(input => inputs[input]?.required);
      expect(Object.keys(job.with ?? {})).toEqual(expect.arrayContaining(required));
      if (typeof job.secrets === 'object')
        expect(Object.keys(secrets)).toEqual(expect.arrayContaining(Object.keys(job.secrets)));
      expect(job.permissions).toEqual(
        Object.assign({}, ...Object.values(called.jobs).map(each => each.permissions)),
      );
    }
  },
);

const commands = snippets('sh').flatMap(([page, text]) =>
  text.split('\n').flatMap(line => {
    const command = /^\s*npm run (\S+)(?: -- ([^#]*))?/.exec(line);
    return command ? [[page, command[1] ?? '', command[2]?.trim() ?? ''] as const] : [];
  }),
);

test.each(commands)('%s: npm run %s -- %s is understood', (_, script, rest) => {
  expect(Object.keys(scripts)).toContain(script);
  if (script !== 'slipway' || rest === '--help') return;
  const [name = '', ...args] = [...rest.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
  const ofTerminal = [doctor, history, restore, setup].map(({ declaration }): Declaration => declaration);
  expect([...actions(), ...ofTerminal.map(each => each.name)]).toContain(name);
  const declaration = ofTerminal.find(each => each.name === name) ?? declared(name);
  expect(() => readArguments(declaration, args)).not.toThrow();
});

const prose = ['CHANGELOG.md', ...pages];

/** The anchors that GitHub gives to a page's headings. */
const anchors = (page: string): string[] =>
  [
    ...readFileSync(join(root, page), 'utf8')
      .replaceAll(/^```[\s\S]*?^```/gm, '')
      .matchAll(/^#+ (.+)$/gm),
  ]
    .map(([, title = '']) => title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase())
    .map(title => title.replaceAll(/[^\w\- ]/g, '').replaceAll(' ', '-'));

test('every page and heading that the pages link to is there', () => {
  const missing = prose.flatMap(page =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)]
      .map(([, file = '', anchor]) => [file ? join(page, '..', file) : page, anchor] as const)
      .filter(
        ([file, anchor]) =>
          globSync(file, { cwd: root }).length === 0 || (anchor && !anchors(file).includes(anchor)),
      )
      .map(([file, anchor]) => `${page} → ${file}${anchor ? `#${anchor}` : ''}`),
  );
  expect(missing).toEqual([]);
});

test('every page and heading that the code sends people to is there', () => {
  const missing = globSync('{lib,actions,scripts}/**/*.ts', { cwd: root }).flatMap(file =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/(?<![\w/])(docs\/[\w-]+\.md)(?:#([\w-]+))?/g)]
      .filter(([, page = '', anchor]) => !pages.includes(page) || (anchor && !anchors(page).includes(anchor)))
      .map(([place]) => `${file} → ${place}`),
  );
  expect(missing).toEqual([]);
});

test('every source file that the pages name is there', () => {
  const missing = prose.flatMap(page =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/`((?:lib|scripts|actions|sandbox)\/[\w./-]+\.ts)`/g)]
      .map(([, file = '']) => file)
      .filter(file => globSync(file, { cwd: root }).length === 0)
      .map(file => `${page}: ${file}`),
  );
  expect(missing).toEqual([]);
});

test('every test that the pages name by its title is there', () => {
  const missing = prose.flatMap(page =>
    [
      ...readFileSync(join(root, page), 'utf8').matchAll(
        /\]\(([^)]+\.test\.ts)\): ("[^"|]+"(?:, "[^"|]+")*)/g,
      ),
    ].flatMap(([, file = '', titles = '']) => {
      const text = readFileSync(join(root, page, '..', file), 'utf8');
      return [...titles.matchAll(/"([^"…]+)…?"/g)]
        .map(([, title = '']) => title)
        .filter(title => !text.includes(title))
        .map(title => `${page}: "${title}" in ${file}`);
    }),
  );
  expect(missing).toEqual([]);
});
