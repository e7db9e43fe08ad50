import { expect, test } from 'vitest';
import { UserError, UserErrors } from './errors.ts';
import { gathering, whole } from './gather.ts';

const fail = (error: Error) => () => {
  throw error;
};

test('all that is to be mended is told at once, and one alone as it is', () => {
  const two = gathering();
  expect(two.attempt(() => 7)).toBe(7);
  two.tell();
  expect(two.attempt(fail(new UserError('a')))).toBeUndefined();
  expect(two.tell).toThrow(UserError);
  two.attempt(fail(new UserErrors([new UserError('b'), new UserError('c')])));
  expect(two.tell).toThrow('a\nb\nc');
});

test('a bug is told alone', () => {
  const { attempt, errors } = gathering();
  expect(() => attempt(fail(new TypeError('x')))).toThrow(TypeError);
  expect(errors).toEqual([]);
});

test('whatever fails, everything is waited for', async () => {
  let ended = false;
  const slow = new Promise(resolve => setTimeout(resolve, 20)).then(() => {
    ended = true;
    return 1;
  });
  await expect(whole([slow, Promise.reject(new UserError('a'))])).rejects.toThrow('a');
  expect(ended).toBe(true);
  expect(await whole([Promise.resolve(1), 'x'])).toEqual([1, 'x']);
  const both = [Promise.reject(new UserError('a')), Promise.reject(new UserErrors([new UserError('b')]))];
  await expect(whole(both)).rejects.toThrow('a\nb');
});
