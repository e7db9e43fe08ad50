import { tokenPattern } from '../tokens.ts';

/** The prefix makes browsers insist on Secure, on Path=/ and on the exact host. */
const name = '__Host-sid';
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict';
const wellFormed = new RegExp(tokenPattern);
const values = new RegExp(`(?:^|;)\\s*${name}=([^;]*)`, 'g');

/** The token in a Cookie header; nothing if there is none, if it is garbled, or if there are two. */
export function readCookie(header: string | undefined): string | undefined {
  const [first, second] = (header ?? '').matchAll(values);
  const value = second ? undefined : first?.[1]?.trimEnd();
  return value && wellFormed.test(value) ? value : undefined;
}

export const sessionCookie = (token: string, seconds: number): string =>
  `${name}=${token}; Max-Age=${seconds}; ${attributes}`;
export const noCookie = `${name}=; Max-Age=0; ${attributes}`;
