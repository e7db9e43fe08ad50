import { expect, test } from 'vitest';
import { connection, type DatabaseSettings } from './pool.ts';
import { unavailable } from './unavailable.ts';

const ca = import.meta.filename; // any file will do
const read = (settings: Partial<DatabaseSettings>) =>
  connection({ DATABASE_PORT: 5432, DATABASE_CONNECTIONS: 1, ...settings });

test('an address, with what is escaped in it', () => {
  expect(
    read({ DATABASE_URL: 'postgres://us%40er:p%2Fw@db.example.com:21699/de%20fault?sslmode=disable' }),
  ).toEqual({
    host: 'db.example.com',
    port: 21699,
    user: 'us@er',
    password: 'p/w',
    database: 'de fault',
    ssl: false,
  });
});

test('the parts', () => {
  const parts = { DATABASE_HOST: 'db', DATABASE_USER: 'u', DATABASE_PASSWORD: 'p', DATABASE_NAME: 'n' };
  expect(read(parts)).toEqual({
    host: 'db',
    port: 5432,
    user: 'u',
    password: 'p',
    database: 'n',
    ssl: false,
  });
});

test.each([
  ['require', undefined, { names: true, ca: false }],
  ['require', ca, { names: false, ca: true }],
  ['verify-ca', ca, { names: false, ca: true }],
  ['verify-full', ca, { names: true, ca: true }],
  ['verify-full', undefined, { names: true, ca: false }],
  [undefined, ca, { names: true, ca: true }],
])('sslmode %s with authority %s: the certificate is always checked', (mode, file, { names, ca }) => {
  const url = `postgres://u:p@db/n${mode ? `?sslmode=${mode}` : ''}`;
  const { ssl } = read({ DATABASE_URL: url, ...(file && { DATABASE_CA_FILE: file }) });
  expect(ssl).toMatchObject({ rejectUnauthorized: true });
  expect('checkServerIdentity' in (ssl as object)).toBe(!names);
  expect('ca' in (ssl as object)).toBe(ca);
});

test.each([
  [{}],
  [{ DATABASE_URL: 'postgres://db/n?sslmode=prefer' }],
  [{ DATABASE_URL: 'postgres://db/n?sslmode=no-verify' }],
])('%j is refused', settings => {
  expect(() => read(settings)).toThrow(/see (the table of settings in )?README\.md\.$/);
});

test.each([
  [{ code: 'ECONNREFUSED' }, true],
  [{ code: '57P01' }, true],
  [{ code: '55P03' }, true],
  [{ code: '08006' }, true],
  [{ code: '23505' }, false],
  [{ code: '22P05' }, false],
  [{}, false],
])('%j: worth another try: %s', (fields, expected) => {
  expect(unavailable(Object.assign(new Error('x'), fields))).toBe(expected);
});
