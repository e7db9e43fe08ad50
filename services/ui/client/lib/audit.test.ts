import { expect, test } from 'vitest';
import type { AuditEntry } from '../api/types.ts';
import { accountName, isAction, told } from './audit.ts';

const entry: AuditEntry = {
  ...{ id: 1, at: '2026-01-02T03:04:05.000Z', action: 'logged-in', role: null, address: '192.0.2.1' },
  ...{ actor: null, actorEmail: null, subject: null, subjectEmail: null },
};

test.each([
  [{}, 'Logged in'],
  [{ action: 'role-changed', role: 'admin' }, 'Changed the role: now Administrator'],
  [{ action: 'role-changed', role: null }, 'Changed the role'],
  [{ action: 'became-admin', role: 'admin' }, 'Became administrator by a token'],
] as const)('%j: %s', (change, expected) => {
  expect(told({ ...entry, ...change })).toBe(expected);
});

test('what an address may name as an action', () => {
  expect(['logged-in', 'toString', 'nothing', '', undefined, ['logged-in']].map(isAction)).toEqual([
    ...[true, false, false, false, false, false],
  ]);
});

test('an account that is gone is named by the end of its id', () => {
  expect(accountName('0198c1f2-7c3b-7aaa-8a5e-0d9c3b1f2a44', null)).toBe('…1f2a44');
  expect(accountName('0198c1f2-7c3b-7aaa-8a5e-0d9c3b1f2a44', 'ada@example.com')).toBe('ada@example.com');
});
