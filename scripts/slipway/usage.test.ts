import { expect, test } from 'vitest';
import type { Declaration } from '../../lib/runner/action.ts';
import { usage } from './usage.ts';

const declaration = {
  name: 'dns',
  description: 'DNS follows the ingress hosts, and nothing that somebody else has made is touched',
  inputs: {
    environment: { description: 'The environment', required: true },
    ttl: { description: 'The lifetime of a record whose object says nothing of its own', default: '1' },
    'dry-run': { description: 'Show what would change', default: 'false' },
    'cloudflare-api-token': { description: 'The token', required: true },
  },
  outputs: { changed: { description: 'How many' } },
} as const satisfies Declaration;

test('options, variables and outputs stand in columns, and what must be given is told', () => {
  expect(usage(declaration)).toBe(`Usage: npm run slipway -- dns ENVIRONMENT [options]

DNS follows the ingress hosts, and nothing that somebody else has made is touched

Options:
  ENVIRONMENT           The environment
  --ttl VALUE           The lifetime of a record whose object says nothing of its own (default: 1)
  --dry-run             Show what would change

Read from the environment, never from the command line:
  CLOUDFLARE_API_TOKEN  The token (required)

Prints:
  changed               How many`);
});

test('no line is longer than the terminal is wide', () => {
  const lines = usage(declaration, 60).split('\n');
  expect(lines.filter(line => line.length > 60)).toEqual([]);
  expect(lines).toContain('                        object says nothing of its own');
});
