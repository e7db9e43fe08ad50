import { expect, test } from 'vitest';
import { uuidv7 } from './uuid.ts';

test('is a UUIDv7 of its moment', () => {
  const id = uuidv7(Date.parse('2026-01-02T03:04:05.678Z'));
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(
    Date.parse('2026-01-02T03:04:05.678Z'),
  );
});

test('later ones sort later, and no two are the same', () => {
  const ids = Array.from({ length: 100 }, (_, moment) => uuidv7(1_760_000_000_000 + moment));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(Array.from({ length: 1000 }, () => uuidv7(1))).size).toBe(1000);
});
