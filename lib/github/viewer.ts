import { query, type Repository } from './repository.ts';

const purpose = { to: 'read whose token this is', needs: 'contents: read' };

/** The login of whoever the token belongs to. */
export async function viewer(target: Repository): Promise<string> {
  const { viewer } = await query<{ viewer: { login: string } }>(target, purpose, '{ viewer { login } }', {});
  return viewer.login;
}
