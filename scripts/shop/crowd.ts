import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { type Client, openClient } from './client.ts';
import type { Programs } from './programs.ts';

export interface Customer {
  id: string;
  /** `__Host-sid=…` */
  cookie: string;
  /** In 127.0.0.0/8, all of which is this machine on Linux. */
  address: string;
  client: Client;
}

/**
 * Customers who are logged in, several of them behind one address. They are written into the database: passwords are
 * slow on purpose, and who registers by the hundred is throttled.
 */
export async function crowd(programs: Programs, size: number, addresses: number): Promise<Customer[]> {
  const people = Array.from({ length: size }, (_, turn) => {
    const place = turn % addresses;
    const token = randomBytes(32).toString('base64url');
    const cookie = `__Host-sid=${token}`;
    const address = `127.1.${place >> 8}.${place & 255}`;
    const client = openClient(programs, { cookie, localAddress: address });
    return { id: randomUUID(), token, cookie, address, client };
  });
  await programs.query(
    `WITH people AS (
       INSERT INTO user_manager.users (id, email, name, password_hash)
       SELECT id, id || '@example.com', 'One of many', '-' FROM unnest($1::uuid[]) AS id RETURNING id
     )
     INSERT INTO user_manager.sessions (id, token_hash, user_id, user_agent, address, expires_at)
     SELECT gen_random_uuid(), hash, id, 'crowd', '127.0.0.1', now() + interval '12 hours'
     FROM unnest($1::uuid[], $2::bytea[]) AS one (id, hash) JOIN people USING (id)`,
    [people.map(({ id }) => id), people.map(({ token }) => createHash('sha256').update(token).digest())],
  );
  return people.map(({ token: _, ...customer }) => customer);
}
