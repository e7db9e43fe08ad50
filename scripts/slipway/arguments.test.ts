import { expect, test } from 'vitest';
import type { Declaration } from '../../lib/runner/action.ts';
import { readArguments } from './arguments.ts';

const dns = {
  name: 'dns',
  description: 'DNS follows the ingress hosts',
  inputs: {
    environment: { description: 'The environment', required: true },
    'dry-run': { description: 'Show what would change', default: 'false' },
    target: { description: 'An address' },
    file: { description: 'Files, one a line' },
    'cloudflare-api-token': { description: 'The token' },
  },
  outputs: {},
} as const satisfies Declaration;

const read = (...args: string[]) => readArguments(dns, args);

test.each([
  [['staging'], { environment: 'staging' }],
  [['staging', '--dry-run'], { environment: 'staging', 'dry-run': 'true' }],
  [['--environment', 'staging', '--no-dry-run'], { environment: 'staging', 'dry-run': 'false' }],
  [['staging', '--target=203.0.113.7'], { environment: 'staging', target: '203.0.113.7' }],
  [['--target', '203.0.113.7', 'staging'], { environment: 'staging', target: '203.0.113.7' }],
  [['staging', '--file', 'a.yaml', '--file=b.yaml'], { environment: 'staging', file: 'a.yaml\nb.yaml' }],
])('%j is understood', (args, given) => {
  expect(read(...args)).toEqual({ given, help: false });
});

test.each([
  [['--dry-rum'], 'dns has no option --dry-rum: did you mean --dry-run?'],
  [['--zone', 'x'], 'dns has no option --zone: see npm run slipway -- dns --help'],
  [
    ['--dry-run'],
    'dns needs an environment: write npm run slipway -- dns ENVIRONMENT, where ENVIRONMENT is one of platform.yaml',
  ],
  [['--target'], '--target needs a value: write --target VALUE'],
  [['staging', 'production'], '"production" is one word too many: write dns ENVIRONMENT --option …'],
  [
    ['--cloudflare-api-token', 'abc'],
    '--cloudflare-api-token would show a secret in the list of processes: set the variable CLOUDFLARE_API_TOKEN instead',
  ],
])('%j is refused', (args, message) => {
  expect(() => read(...args)).toThrow(message);
});

test('a command about no environment takes none', () => {
  const setup = { ...dns, name: 'setup', inputs: { json: { description: 'JSON', default: 'false' } } };
  expect(() => readArguments(setup, ['staging'])).toThrow(
    '"staging" is one word too many: setup is about all environments, write npm run slipway -- setup',
  );
});

test('help is asked for with either spelling', () => {
  expect(read('--help').help).toBe(true);
  expect(read('-h').help).toBe(true);
});
