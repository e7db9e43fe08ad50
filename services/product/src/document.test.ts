import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { document } from './document.ts';

test('openapi.json is what the routes are: npm run openapi', async () => {
  const written = JSON.parse(await readFile(join(import.meta.dirname, '../openapi.json'), 'utf8'));
  expect(written).toEqual(JSON.parse(JSON.stringify(await document())));
});

test('every operation says what it is for, and every problem is a problem', async () => {
  const { paths } = (await document()) as {
    paths: Record<string, Record<string, { summary?: string; responses: Record<string, object> }>>;
  };
  for (const [path, operations] of Object.entries(paths))
    for (const [method, { summary, responses }] of Object.entries(operations)) {
      expect([method, path, summary]).toEqual([method, path, expect.any(String)]);
      for (const [status, response] of Object.entries(responses).filter(([status]) => Number(status) >= 400))
        expect([status, response]).toEqual([
          status,
          expect.objectContaining({ content: { 'application/problem+json': expect.anything() } }),
        ]);
    }
});
