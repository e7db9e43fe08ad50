import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allowServices, ours } from './packages.ts';

test.each([
  ['what a killed installation left is removed', ours, false],
  ["somebody else's stays", '#!/bin/sh\nexit 101\n', true],
  ['where there is none, nothing happens', undefined, false],
])('the rule that services do not start: %s', (_, content, stays) => {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'));
  try {
    const file = join(folder, 'policy-rc.d');
    if (content !== undefined) writeFileSync(file, content);
    allowServices(file);
    expect(existsSync(file)).toBe(stays);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
