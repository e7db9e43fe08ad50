import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isStartedBy, type Trigger } from './triggers.ts';
import { readWorkflow } from './workflow.ts';

const root = join(import.meta.dirname, '../..');
const ours = globSync('.github/workflows/*.yml', { cwd: root })
  .sort()
  .map(path => readWorkflow({ path, text: readFileSync(join(root, path), 'utf8') }));

const push = (branch: string, ...changed: string[]): Trigger => ({ name: 'push', branch, changed });
const pull = (action: string, ...changed: string[]): Trigger => ({
  ...{ name: 'pull_request', action, base: 'main', changed },
});

test.each<[string, Trigger, string[]]>([
  ['a merge of the platform', push('main', 'platform.yaml'), ['ci', 'deploy']],
  ['a merge of Terraform', push('main', 'README.md', 'terraform/network.tf'), ['ci', 'deploy']],
  ['a merge of text', push('main', 'docs/dns.md'), ['ci']],
  ['pins of staging', push('main', 'manifests/environments/staging/ui.yaml'), ['ci', 'deploy']],
  ['what staging holds', push('main', 'manifests/environments/staging/held.yaml'), ['ci', 'deploy']],
  ['pins of production', push('main', 'manifests/environments/production/ui.yaml'), ['ci', 'deploy']],
  ['a push to a branch', push('topic', 'platform.yaml', 'manifests/environments/staging/ui.yaml'), []],
  ['a pull request of Terraform', pull('opened', 'terraform/network.tf'), ['ci', 'plan']],
  ['one that is pushed to', pull('synchronize', 'platform.yaml'), ['ci', 'plan']],
  ['one of manifests', pull('opened', 'manifests/README.md'), ['ci']],
  ['one that is closed', pull('closed', 'platform.yaml'), []],
  ['an image', { name: 'repository_dispatch', type: 'image' }, ['promote']],
  ['something else that is told', { name: 'repository_dispatch', type: 'other' }, []],
  ['a teardown', { name: 'workflow_dispatch', file: 'teardown.yml' }, ['teardown']],
  ['a workflow that is only called', { name: 'workflow_dispatch', file: 'announce.yml' }, []],
  ['the morning', { name: 'schedule', file: 'drift.yml' }, ['drift']],
])('%s: which of our workflows it starts', (_, trigger, expected) => {
  const started = ours.filter(workflow => isStartedBy(workflow, trigger)).map(({ path }) => path);
  expect(started).toEqual(expected.map(name => `.github/workflows/${name}.yml`));
});

test.each<[string, object, Trigger, boolean]>([
  ['a list of events', ['push', 'pull_request'], push('any'), true],
  ['branches to ignore', { push: { 'branches-ignore': ['release/**'] } }, push('release/1/2'), false],
  ['another than those', { push: { 'branches-ignore': ['release/**'] } }, push('main'), true],
  ['tags alone', { push: { tags: ['v*'] } }, push('main'), false],
  ['tags and branches', { push: { tags: ['v*'], branches: ['main'] } }, push('main'), true],
  [
    'paths to ignore, all',
    { push: { 'paths-ignore': ['docs/**'] } },
    push('main', 'docs/a', 'docs/b'),
    false,
  ],
  ['and not all', { push: { 'paths-ignore': ['docs/**'] } }, push('main', 'docs/a', 'src/b'), true],
  ['types', { pull_request: { types: ['closed'] } }, pull('closed'), true],
  ['another base', { pull_request: { branches: ['next'] } }, pull('opened'), false],
])('%s', (_, on, trigger, expected) => {
  const text = JSON.stringify({ on, jobs: {} });
  expect(isStartedBy(readWorkflow({ path: '.github/workflows/x.yml', text }), trigger)).toBe(expected);
});

test('what is no workflow says so', () => {
  expect(() => readWorkflow({ path: 'x.yml', text: 'jobs: {}' })).toThrow('x.yml is no workflow');
});
