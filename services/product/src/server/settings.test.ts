import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { readSettings, SettingsError } from './settings.ts';

const schema = Type.Object({
  HOST: Type.String({ minLength: 1 }),
  KEY_FILE: Type.String({ minLength: 1 }),
  PORT: Type.Integer({ default: 8080 }),
});

test('text becomes numbers, and what is not set its default', () => {
  const environment = { HOST: 'a', KEY_FILE: 'b', PORT: '81', HOME: '/root' };
  expect(readSettings(schema, environment)).toEqual({ HOST: 'a', KEY_FILE: 'b', PORT: 81 });
  expect(readSettings(schema, { ...environment, PORT: '' }).PORT).toBe(8080);
});

test('everything that is wrong is in one sentence, and no value of it', () => {
  const read = () => readSettings(schema, { KEY_FILE: '', PORT: 'secret' });
  expect(read).toThrow(SettingsError);
  expect(read).toThrow(
    'HOST is not set, KEY_FILE is not set, PORT must be integer: see the table of settings in README.md.',
  );
  expect(read).not.toThrow(/secret/);
});
