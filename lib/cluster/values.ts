import { UserError } from '../runner/errors.ts';

/** @throws UserError when an input is not a whole number of minutes from 1 to a day */
export function minutes(input: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 24 * 60) return value;
  throw new UserError(`Input "${input}" is "${text}": write a whole number of minutes, 1 to ${24 * 60}`);
}

/** @throws UserError when an input is none of these words */
export function oneOf<Word extends string>(input: string, text: string, words: readonly Word[]): Word {
  const found = words.find(word => word === text);
  if (found !== undefined) return found;
  throw new UserError(`Input "${input}" is "${text}": it must be ${words.join(' or ')}`);
}
