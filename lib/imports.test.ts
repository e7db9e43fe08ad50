import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = dirname(import.meta.dirname);
const files = globSync('{actions,lib,sandbox,scripts}/**/*.ts', {
  cwd: root,
  exclude: path => path.includes('node_modules'),
});

interface Import {
  from: string;
  to: string;
}

const imports = files.flatMap((from): Import[] =>
  [...readFileSync(join(root, from), 'utf8').matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'([^']+)'/g)].map(
    ([, to = '']) => ({
      from,
      to: to.startsWith('.') ? relative(root, join(root, dirname(from), to)) : to,
    }),
  ),
);
const product = imports.filter(({ from }) => !from.endsWith('.test.ts'));
const room = (file: string): string => file.split('/')[0] ?? '';
const domain = (file: string): string => file.split('/')[1] ?? '';
const shown = (found: Import[]) => found.map(({ from, to }) => `${from} → ${to}`);

test('the scan sees the imports it is about', () => {
  expect(shown(product)).toContain('lib/platform/load.ts → lib/runner/errors.ts');
  expect(shown(product)).toContain('lib/runner/github.ts → @actions/core');
});

test.each([
  ['lib', ['lib']],
  ['actions', ['actions', 'lib']],
  ['sandbox', ['sandbox']],
  ['scripts', ['scripts', 'lib', 'sandbox', 'actions']],
])('%s imports from %s only', (from, allowed) => {
  const wrong = product.filter(
    each => room(each.from) === from && files.includes(each.to) && !allowed.includes(room(each.to)),
  );
  expect(shown(wrong)).toEqual([]);
});

test('an action imports no other action', () => {
  const wrong = product.filter(
    ({ from, to }) => room(from) === 'actions' && room(to) === 'actions' && domain(from) !== domain(to),
  );
  expect(shown(wrong)).toEqual([]);
});

// What domains may lean on. Whatever joins several domains stands above them and is named here.
const shared = ['runner', 'platform', 'github', 'cloudflare', 'exoscale', 'kubectl', 'traefik'];
const above = ['teardown', 'setup'];

test('domains do not import each other', () => {
  const wrong = product.filter(
    ({ from, to }) =>
      room(from) === 'lib' &&
      room(to) === 'lib' &&
      domain(from) !== domain(to) &&
      !shared.includes(domain(to)) &&
      !above.includes(domain(from)),
  );
  expect(shown(wrong)).toEqual([]);
});

test('the runner stands on nothing, and clients on the runner and the platform alone', () => {
  const wrong = product.filter(
    ({ from, to }) =>
      room(from) === 'lib' &&
      room(to) === 'lib' &&
      shared.includes(domain(from)) &&
      domain(from) !== domain(to) &&
      (domain(from) === 'runner' || !['runner', 'platform'].includes(domain(to))),
  );
  expect(shown(wrong)).toEqual([]);
});

test('only lib/runner knows the toolkit, child processes and the environment', () => {
  const outside = files.filter(
    file =>
      ['lib', 'actions'].includes(room(file)) &&
      !file.startsWith('lib/runner/') &&
      !file.endsWith('.test.ts'),
  );
  const toolkit = product.filter(
    ({ from, to }) =>
      outside.includes(from) && (/^@actions\//.test(to) || /^(node:)?child_process$/.test(to)),
  );
  expect(shown(toolkit)).toEqual([]);
  const environment = outside.filter(file =>
    /\bprocess\s*\.\s*env\b/.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(environment).toEqual([]);
});
