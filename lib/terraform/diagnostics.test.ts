import { expect, test } from 'vitest';
import { finding, isNews } from './diagnostics.ts';

test('a diagnostic becomes a sentence at file, line and column, as seen from the checkout', () => {
  const range = { filename: 'cluster.tf', start: { line: 7, column: 3 } };
  const detail = 'No such type.\n\nDid you mean "x"?';
  expect(finding({ severity: 'error', summary: 'Invalid type', detail, range }, 'infra/terraform')).toEqual({
    message: 'Invalid type: No such type. Did you mean "x"?',
    at: { file: 'infra/terraform/cluster.tf', line: 7, column: 3 },
  });
  expect(finding({ severity: 'error', summary: 'Broken' }, '.')).toEqual({ message: 'Broken' });
});

test('what says nothing, or what we say better, is no news', () => {
  const warning = (summary: string) => isNews({ severity: 'warning', summary });
  expect(warning('Check block assertion known after apply')).toBe(false);
  expect(warning('Check block assertion failed')).toBe(true);
  expect(warning('Failed to persist state to backend')).toBe(false);
});
