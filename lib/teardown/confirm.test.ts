import { expect, test } from 'vitest';
import type { Target } from '../platform/platform.ts';
import { assertConfirmed, questions } from './confirm.ts';

const target = (protect?: string[]) =>
  ({
    environment: 'production',
    settings: { domain: 'example.com', ...(protect && { protect }) },
  }) as Target;
const request = {
  environment: 'production',
  platformFile: 'platform.yaml',
  directory: 'terraform',
  confirm: 'production',
  confirmProtected: 'example.com',
  cloudflareApiToken: 'a token',
  recover: false,
  sweep: false,
  dryRun: false,
};

test.each([
  ['the name', {}, undefined],
  ['name and domain', {}, ['exoscale_dbaas.*']],
  ['the name, where nothing is protected', { confirmProtected: undefined }, undefined],
  ['the name, where the list is empty', { confirmProtected: undefined }, []],
  [
    'nothing, for a look',
    { confirm: undefined, confirmProtected: undefined, dryRun: true },
    ['exoscale_nlb.*'],
  ],
])('with %s it goes on', (_, given, protect) => {
  expect(() => assertConfirmed({ ...request, ...given }, target(protect))).not.toThrow();
});

test.each([
  [{ confirm: undefined }, undefined, /^Input "confirm" is "": write production there/],
  [{ confirm: 'Production' }, undefined, /^Input "confirm" is "Production"/],
  [{ cloudflareApiToken: '' }, undefined, /^Input "cloudflare-api-token" is missing/],
  [
    { confirmProtected: undefined },
    ['exoscale_dbaas.*'],
    /^Input "confirm-protected" is "", and production is protected .*exoscale_dbaas\.\*.*write its domain, example\.com, there/,
  ],
  [{ confirmProtected: 'production' }, ['exoscale_dbaas.*'], /^Input "confirm-protected" is "production"/],
  [
    { confirm: '', confirmProtected: '', cloudflareApiToken: '' },
    ['exoscale_dbaas.*'],
    /"confirm" is "".*\n.*"confirm-protected" is "".*\n.*"cloudflare-api-token"/,
  ],
])('without %j it says all that is missing', (given, protect, message) => {
  expect(() => assertConfirmed({ ...request, ...given }, target(protect))).toThrow(message);
});

test('a dry run tells what would be asked', () => {
  expect(questions(target())).toEqual(['To take production down, "confirm" must be production']);
  expect(questions(target(['exoscale_nlb.*']))).toContain('"confirm-protected" must be example.com');
});
