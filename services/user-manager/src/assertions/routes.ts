import { Type } from 'typebox';
import type { App } from '../server/app.ts';
import { problems } from '../server/problem.ts';
import type { Keys } from './keys.ts';

const jwk = Type.Object({
  kty: Type.Literal('OKP'),
  crv: Type.Literal('Ed25519'),
  x: Type.String(),
  kid: Type.String(),
  use: Type.Literal('sig'),
  alg: Type.Literal('EdDSA'),
});

/** Public keys, for the services in the cluster: the path has no route from outside. */
export function keyRoutes(app: App, keys: () => Keys): void {
  app.get(
    '/.well-known/jwks.json',
    {
      schema: {
        summary: 'The keys that assertions are signed with, the next one among them',
        tags: ['in-cluster'],
        response: { 200: Type.Object({ keys: Type.Array(jwk) }), ...problems() },
      },
    },
    async (_, reply) => {
      reply.header('cache-control', 'public, max-age=60');
      return { keys: keys().published } as never;
    },
  );
}
