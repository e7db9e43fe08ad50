import { randomBytes } from 'node:crypto';
import type { Run } from '../../sandbox/run.ts';
import { catalogue, categories } from './catalogue.ts';
import { type Client, openClient } from './client.ts';
import { adminToken, type Programs } from './programs.ts';

export interface Login {
  email: string;
  password: string;
}

/** An administrator whose password nobody has chosen, and what they put on the shelves; all of it by the API. */
export async function seed(run: Run, programs: Programs): Promise<{ admin: Login; client: Client }> {
  const client = openClient(programs);
  const admin = { email: 'harbourmaster@example.com', password: randomBytes(12).toString('base64url') };
  await client.must('POST', '/auth/register', { ...admin, name: 'Harbour master' });
  await client.must('POST', '/auth/login', admin);
  await client.must('POST', '/auth/admin', { token: await adminToken(run, programs.databaseUrl) });
  await client.must('POST', '/auth/login', admin);
  for (const [slug, name] of Object.entries(categories))
    await client.must('PUT', `/products/categories/${slug}`, { name });
  for (const { picture, ...product } of catalogue)
    await client.must('POST', '/products', { ...product, imageUrl: `/pictures/${picture}.svg` });
  return { admin, client };
}
