import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ledger } from './ledger.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-ledger-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('what has ended well is known to the next run, and nothing else is', () => {
  const file = join(folder, 'done');
  const first = ledger(file);
  expect(first.has('dns  a GET /x #0: kill')).toBe(false);
  first.add('dns  a GET /x #0: kill');
  const next = ledger(file);
  expect(next.has('dns  a GET /x #0: kill')).toBe(true);
  expect([next.has(''), next.has('dns  a GET /x #0: 429')]).toEqual([false, false]);
  ledger('').add('kept nowhere');
});
