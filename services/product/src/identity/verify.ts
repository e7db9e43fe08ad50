import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Problem } from '../server/problem.ts';

export interface Identity {
  userId: string;
  role: 'customer' | 'admin';
}

export type Verify = (assertion: string | undefined) => Promise<Identity>;

/** What is wrong with the assertion, as opposed to what keeps us from the keys. */
const itsOwnFault = /^ERR_(JWT|JWS)_|^ERR_JOSE_(ALG_NOT_ALLOWED|NOT_SUPPORTED)$|^ERR_JWKS_(NO|MULTIPLE)_/;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Who somebody is, by the assertion that the user-manager signed: nothing else that a request says about it is believed.
 * Keys are fetched when they are needed, kept, and fetched again when an unknown one has signed.
 */
export function verifier({
  jwksUrl,
  issuer,
  audience,
}: {
  jwksUrl: string;
  issuer: string;
  audience: string;
}): Verify {
  const keys = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: 3000,
    cooldownDuration: 10_000,
    cacheMaxAge: 120_000, // a key that was withdrawn is believed no longer than this
  });

  return async assertion => {
    if (!assertion) throw new Problem(401, 'not-logged-in', 'Log in first.');
    try {
      const { payload } = await jwtVerify(assertion, keys, {
        issuer,
        audience,
        algorithms: ['EdDSA'],
        typ: 'JWT',
        requiredClaims: ['sub', 'role', 'sid', 'jti', 'iat', 'exp'],
        maxTokenAge: 60,
        clockTolerance: 5,
      });
      const { sub = '', role } = payload;
      if (uuid.test(sub) && (role === 'customer' || role === 'admin')) return { userId: sub, role };
    } catch (error) {
      if (!itsOwnFault.test(String((error as { code?: string }).code)))
        throw new Problem(503, 'keys-unavailable', 'Who you are cannot be verified now. Try again.', {
          headers: { 'retry-after': '2' },
        });
    }
    throw new Problem(401, 'invalid-assertion', 'Who you are could not be verified.');
  };
}
