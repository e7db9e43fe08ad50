import { expect, test } from 'vitest';
import type { Connection } from '../../exoscale/exoscale.ts';
import { UserError } from '../../runner/errors.ts';
import { said } from './session.ts';

const connection = { database: 'shop', user: 'shop', host: 'db', port: 5432 } as Connection;
const failed = (message: string, more = {}) => Object.assign(new Error(message), more);

test.each([
  [
    failed('permission denied for table a', { severity: 'ERROR', code: '42501' }),
    /^The database shop refuses what its user shop asks \(permission denied for table a\): /,
  ],
  [failed('Connection terminated unexpectedly'), /^The connection to the database shop at db:5432 was lost/],
  [failed('read ECONNRESET', { code: 'ECONNRESET' }), /was lost \(read ECONNRESET\): run this again$/],
])('%s is told to whoever takes an environment down', (error, sentence) => {
  const told = said(error, connection);
  expect(told).toBeInstanceOf(UserError);
  expect((told as Error).message).toMatch(sentence);
});

test.each([
  new TypeError('x is undefined'),
  new UserError('no dump'),
  failed('y', { code: 'ERR_INVALID_ARG' }),
])('%s is told as it is', error => {
  expect(said(error, connection)).toBe(error);
});
