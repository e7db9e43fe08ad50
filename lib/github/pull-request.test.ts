import { expect, test } from 'vitest';
import { withPart } from './pull-request.ts';

const long = Array<string>(9000).fill('- one of many').join('\n');

test.each([
  ['nothing else', undefined],
  ['words of people', `Before\n\n${withPart(undefined, 'old')}\n\nAfter`],
  ['a body of people', 'Mine'],
])('a body of any length fits, beside %s', (_, whole) => {
  const body = withPart(whole, long);
  expect(body.length).toBeLessThanOrEqual(65_536);
  expect(body).toContain('_The rest is in the summary of the run._\n<!-- slipway:end -->');
  for (const words of ['Before', 'After', 'Mine']) {
    if (whole?.includes(words)) expect(body).toContain(words);
  }
  expect(withPart(body, long)).toBe(body);
});

test('where people leave no room, theirs goes', () => {
  expect(withPart('x'.repeat(65_000), 'ours')).toContain('ours');
  expect(withPart('x'.repeat(65_400), long).length).toBeLessThanOrEqual(65_536);
});
