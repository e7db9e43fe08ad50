import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { Problem } from '../server/problem.ts';

/* https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const prefix = '$argon2id$v=19$m=19456,t=2,p=1$';

const atOnce = 4;
const mayWait = 100;
let running = 0;
const waiting: (() => void)[] = [];

/** Hashing is dear by design: four at once, a hundred in line, and whoever comes then is told to come back. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) {
    if (waiting.length >= mayWait)
      throw new Problem(503, 'busy', 'Too many people are logging in. Try again.', {
        headers: { 'retry-after': '2' },
      });
    await new Promise<void>(resolve => waiting.push(resolve));
  } else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next)
      next(); // takes this one's place
    else running--;
  }
}

/** The same word typed on another keyboard is the same password. */
const normal = (password: string): string => password.normalize('NFKC');

export const hashPassword = (password: string): Promise<string> =>
  inTurn(() => hash(normal(password), parameters));

let dummy: Promise<string> | undefined;

/** Whether it is the password. Without a hash (nobody has that name) it takes as long, and is not. */
export async function verifyPassword(stored: string | undefined, password: string): Promise<boolean> {
  dummy ??= hash(randomBytes(32), parameters);
  const against = stored ?? (await dummy);
  const right = await inTurn(() => verify(against, normal(password)));
  return stored !== undefined && right;
}

/** Whether it was hashed with other parameters than are used today. */
export const isOutdated = (stored: string): boolean => !stored.startsWith(prefix);
