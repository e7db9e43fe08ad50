import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeFolders } from './folder.ts';

test('what is not there is no mistake, and what cannot be removed is told and stops nobody else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-remove-'));
  try {
    const [good, file] = [join(folder, 'good'), join(folder, 'file')];
    mkdirSync(good);
    writeFileSync(join(good, 'a'), '');
    writeFileSync(file, '');
    const warnings: string[] = [];
    // Below a file there is no folder, for root neither.
    await removeFolders([join(file, 'below'), good, join(folder, 'none')], line => warnings.push(line));
    expect(warnings).toEqual([
      `${join(file, 'below')} could not be removed (ENOTDIR): remove it by hand, credentials may be in it`,
    ]);
    expect(() => rmSync(good)).toThrow('ENOENT');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
