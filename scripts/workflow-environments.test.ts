import { expect, test } from 'vitest';
import { UserErrors } from '../lib/runner/errors.ts';
import { environmentErrors } from './workflow-environments.ts';
import { workflowFiles, workflowText } from './workflow-files.ts';

const told = (text: string, environments = ['staging', 'production']) =>
  new UserErrors(environmentErrors(environments, { 'w.yml': text })).message.split('\n').filter(Boolean);

const job = (text: string) => `jobs:\n  a:\n${text}`;
const noSuch = (place: string, name: string, cure: string) =>
  `w.yml:${place}: There is no environment "${name}" in platform.yaml: ${cure}`;
const staging = 'write "staging" if you mean that one';

test.each<[string, string, string[]]>([
  [
    'a matrix',
    job('    strategy:\n      matrix:\n        environment: [stagin, production]\n'),
    [noSuch('5:23', 'stagin', staging), 'w.yml:5:23: staging of platform.yaml is missing here: name it too'],
  ],
  [
    'a choice',
    'on:\n  workflow_dispatch:\n    inputs:\n      environment:\n        options: [test]\n',
    [
      noSuch('5:19', 'test', 'there are staging, production'),
      'w.yml:5:19: staging and production of platform.yaml are missing here: name them too',
    ],
  ],
  [
    'a choice by another name',
    'on:\n  workflow_dispatch:\n    inputs:\n      accept:\n        options: [nothing, staging]\n',
    ['w.yml:5:19: production of platform.yaml is missing here: name it too'],
  ],
  [
    'a choice of something else',
    'on:\n  workflow_dispatch:\n    inputs:\n      data:\n        options: [keep, delete]\n',
    [],
  ],
  [
    'a step',
    job('    steps:\n      - uses: ./actions/promote\n        with:\n          environment: stagng\n'),
    [noSuch('6:24', 'stagng', staging)],
  ],
  [
    'what a job enters',
    job('    environment: { name: stagin-promote }\n    steps:\n      - uses: ./actions/promote\n'),
    [noSuch('3:26', 'stagin', staging)],
  ],
  ['what is none of the platform', job('    environment: release\n    steps:\n      - run: git tag\n'), []],
  [
    'calls of which one is missing',
    job('    uses: ./.github/workflows/deploy-environment.yml\n    with:\n      environment: staging\n'),
    ['w.yml:5:20: production of platform.yaml is missing here: name it too'],
  ],
  [
    'an expression',
    job("    if: github.ref == 'x' && inputs.environment == 'stagin'\n"),
    [noSuch('3:9', 'stagin', staging)],
  ],
  [
    'what it is otherwise',
    job("    if: ${{ a == 'b' && 'stagin' || inputs.environment }}\n"),
    [noSuch('3:9', 'stagin', staging)],
  ],
  [
    'what is known when it runs',
    job('    uses: ./.github/workflows/x.yml\n    with:\n      environment: ${{ matrix.environment }}\n'),
    [],
  ],
])('%s', (_, text, expected) => {
  expect(told(text)).toEqual(expected);
});

const own = workflowFiles.filter(file => file.startsWith('.github/'));
const texts = Object.fromEntries(own.map(file => [file, workflowText(file)]));

test('the workflows name the environments of platform.yaml, and all of them', () => {
  expect(environmentErrors(['staging', 'production'], texts)).toEqual([]);
});

test('whoever renames an environment, or adds one, is told of each place', () => {
  const places = (environments: string[]) =>
    environmentErrors(environments, texts).map(({ at }) => at?.file.replace('.github/workflows/', ''));
  const named = ['announce.yml', 'deploy.yml', 'drift.yml', 'plan.yml', 'promote.yml', 'teardown.yml'];
  expect([...new Set(places(['test', 'production']))].sort()).toEqual(named);
  expect([...new Set(places(['staging', 'production', 'test']))].sort()).toEqual(
    named.filter(file => file !== 'announce.yml'),
  );
});
