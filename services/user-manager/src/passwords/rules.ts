import { Problem } from '../server/problem.ts';
import { text } from '../server/validation.ts';

/** For new passwords: length, and nothing about kinds of characters. https://pages.nist.gov/800-63-4/sp800-63b.html */
export const newPassword = () => text(8, 128);
/** For passwords that are compared: a short one is as wrong as any other. */
export const anyPassword = () => text(1, 128);

let common: Promise<Set<string>> | undefined;

/** @throws {Problem} 400 when it is among the fifty thousand that are tried first, or is the account's own name */
export async function refuseWeak(password: string, email: string): Promise<void> {
  common ??= load();
  const word = password.toLowerCase();
  const own = email.toLowerCase();
  if (word === own || word === own.split('@')[0] || (await common).has(word))
    throw new Problem(400, 'weak-password', 'This password is easily guessed. Choose another.');
}

async function load(): Promise<Set<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common']);
}
