import { expect, test } from 'vitest';
import { type Declaration, isSecret, readInputs, secretVariable } from './action.ts';
import { UserErrors } from './errors.ts';

const declaration = {
  name: 'sample',
  description: 'A sample',
  inputs: {
    environment: { description: 'The environment in platform.yaml', required: true },
    'dry-run': { description: 'Show what would change', default: 'false' },
    platform: { description: 'The file', default: 'platform.yaml' },
    target: { description: 'An address' },
  },
  outputs: { changed: { description: 'How many' } },
} as const satisfies Declaration;

const read = (given: Record<string, string>) => readInputs(declaration, name => given[name]);

test('defaults apply where nothing or only blanks are given', () => {
  expect(read({ environment: ' staging ', platform: '  ' })).toEqual({
    environment: 'staging',
    'dry-run': false,
    platform: 'platform.yaml',
    target: undefined,
  });
});

test.each(['true', 'True', 'TRUE'])('%s is a yes', value => {
  expect(read({ environment: 'staging', 'dry-run': value })['dry-run']).toBe(true);
});

test('every mistake is told at once', () => {
  expect(() => read({ 'dry-run': 'yes' })).toThrow(UserErrors);
  expect(() => read({ 'dry-run': 'yes' })).toThrow(
    'Input "environment" is missing: give the environment in platform.yaml\nInput "dry-run" is "yes": write true or false',
  );
});

test('a secret that is missing can also come as a variable', () => {
  const inputs = { 'cloudflare-api-token': { description: 'A token', required: true } } as const;
  expect(() => readInputs({ ...declaration, inputs }, () => undefined)).toThrow(
    'Input "cloudflare-api-token" is missing: give a token, or set the variable CLOUDFLARE_API_TOKEN',
  );
});

test('a secret is told by its name, and has a variable of the same name', () => {
  expect(['exoscale-api-key', 'github-token', 'exoscale-api-secret'].every(isSecret)).toBe(true);
  expect(['environment', 'key', 'tokens'].some(isSecret)).toBe(false);
  expect(secretVariable('exoscale-api-key')).toBe('EXOSCALE_API_KEY');
});
