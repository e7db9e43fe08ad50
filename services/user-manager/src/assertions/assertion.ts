import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Role } from '../tables.ts';
import type { Keys } from './keys.ts';

export interface Identity {
  sessionId: string;
  userId: string;
  role: Role;
}

const lifetime = 60;
/** What is handed out is good for at least this long: clocks differ, and a request may wait in a queue. */
const margin = 20;

interface Minted {
  token: string;
  /** Seconds since 1970. */
  expires: number;
  role: Role;
  kid: string;
}

/**
 * Signs who somebody is, for the services behind Traefik. Once a session, not once a request: signing is the dearest part
 * of an answer. A change of role or key is seen at once.
 */
export function minter(
  keys: () => Keys,
  { issuer, audience, sessions = 10_000 }: { issuer: string; audience: string; sessions?: number },
) {
  const minted = new Map<string, Minted>();

  return async (
    { sessionId, userId, role }: Identity,
    now = Math.floor(Date.now() / 1000),
  ): Promise<string> => {
    const { kid, signing } = keys();
    const known = minted.get(sessionId);
    if (known && known.expires - now >= margin && known.role === role && known.kid === kid)
      return known.token;

    const expires = now + lifetime;
    const token = await new SignJWT({ role, sid: sessionId })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(userId)
      .setJti(randomUUID())
      .setIssuedAt(now)
      .setExpirationTime(expires)
      .sign(signing);
    minted.delete(sessionId);
    minted.set(sessionId, { token, expires, role, kid });
    const [oldest] = minted.keys();
    if (minted.size > sessions && oldest !== undefined) minted.delete(oldest);
    return token;
  };
}
