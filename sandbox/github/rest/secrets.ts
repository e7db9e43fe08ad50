import { randomBytes } from 'node:crypto';
import sodium from 'libsodium-wrappers';
import { ApiError, notFound } from '../errors.ts';
import type { Environment } from '../settings.ts';
import type { Schemas } from '../shapes/accounts.ts';
import { now } from '../world.ts';
import { type Api, body, type Params, page, text } from './api.ts';
import { environmentOf } from './environments.ts';
import { administered } from './permissions.ts';

/**
 * The secrets of environments. They come in sealed boxes, which are opened here with the private key, so that a wrong one is
 * refused. https://docs.github.com/en/rest/actions/secrets
 */
export function secrets({ app, world }: Api): void {
  const path = '/repos/:owner/:repo/environments/:environment/secrets';
  type Named = Params & { environment: string };
  type One = Named & { secret: string };
  const shape = (name: string, { createdAt, updatedAt }: Times): Schemas['actions-secret'] => ({
    ...{ name, created_at: createdAt, updated_at: updatedAt },
  });

  app.get<{ Params: Named }>(path, async (request, reply) => {
    const { secrets: all } = environmentOf(administered(world, request), request.params.environment);
    const shown = page(request, reply, [...all]).map(([name, secret]) => shape(name, secret));
    return { total_count: all.size, secrets: shown };
  });

  app.get<{ Params: Named }>(
    `${path}/public-key`,
    async (request): Promise<Schemas['actions-public-key']> => {
      const environment = environmentOf(administered(world, request), request.params.environment);
      const { id, publicKey } = await keyOf(environment);
      return { key_id: id, key: sodium.to_base64(publicKey, sodium.base64_variants.ORIGINAL) };
    },
  );

  app.get<{ Params: One }>(`${path}/:secret`, async request => {
    const environment = environmentOf(administered(world, request), request.params.environment);
    const name = request.params.secret.toUpperCase();
    const found = environment.secrets.get(name);
    if (!found) throw notFound();
    return shape(name, found);
  });

  app.put<{ Params: One; Body: { encrypted_value: string; key_id: string } }>(
    `${path}/:secret`,
    body({ encrypted_value: text, key_id: text }),
    async (request, reply) => {
      const environment = environmentOf(administered(world, request), request.params.environment);
      const name = request.params.secret.toUpperCase();
      // https://docs.github.com/en/actions/reference/security/secrets#naming-your-secrets
      if (!/^[A-Z_][A-Z0-9_]*$/.test(name) || name.startsWith('GITHUB_'))
        throw new ApiError(422, 'Secret names can only contain alphanumeric characters or underscores');
      const value = await opened(environment, request.body);
      const known = environment.secrets.get(name);
      environment.secrets.set(name, { value, createdAt: known?.createdAt ?? now(), updatedAt: now() });
      return known ? reply.code(204).send() : reply.code(201).send({});
    },
  );

  app.delete<{ Params: One }>(`${path}/:secret`, async (request, reply) => {
    const environment = environmentOf(administered(world, request), request.params.environment);
    if (!environment.secrets.delete(request.params.secret.toUpperCase())) throw notFound();
    return reply.code(204).send();
  });
}

interface Times {
  createdAt: string;
  updatedAt: string;
}

async function keyOf(environment: Environment): Promise<NonNullable<Environment['key']>> {
  await sodium.ready;
  environment.key ??= { id: randomBytes(9).toString('hex'), ...sodium.crypto_box_keypair() };
  return environment.key;
}

/** @throws ApiError 422 for what is not sealed for this environment */
async function opened(
  environment: Environment,
  { encrypted_value, key_id }: { encrypted_value: string; key_id: string },
): Promise<string> {
  const { id, publicKey, privateKey } = await keyOf(environment);
  if (key_id !== id) throw new ApiError(422, 'Bad request - key_id is not that of the current public key');
  try {
    const box = sodium.from_base64(encrypted_value, sodium.base64_variants.ORIGINAL);
    return sodium.to_string(sodium.crypto_box_seal_open(box, publicKey, privateKey));
  } catch {
    throw new ApiError(422, 'Bad request - Improperly encrypted secret');
  }
}
