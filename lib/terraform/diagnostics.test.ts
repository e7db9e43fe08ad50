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

test('a lock that is held says who holds it and what to do', () => {
  const detail =
    'Lock Info:\n  ID:        2b3c\n  Operation: OperationTypeApply\n  Who:       ann@laptop\n  Created:   2026-11-23 07:00:00 +0000 UTC\n';
  expect(finding({ severity: 'error', summary: 'Error acquiring the state lock', detail }, '.').message).toBe(
    'The state is locked by ann@laptop since 2026-11-23 07:00 UTC (apply, lock 2b3c): wait until that run has ended; if it died, release the lock with "terraform force-unlock 2b3c"',
  );
});

test('that a check has to wait for the apply is no news; that it failed is', () => {
  const warning = (summary: string) => isNews({ severity: 'warning', summary });
  expect(warning('Check block assertion known after apply')).toBe(false);
  expect(warning('Check block assertion failed')).toBe(true);
});
