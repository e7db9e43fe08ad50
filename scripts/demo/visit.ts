import { randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Sandbox } from '../../sandbox/sandbox.ts';

/** What a visitor asked and was answered, for people to read. */
export interface Visit {
  asked: string;
  status: number;
}

interface Call {
  method?: string;
  path: string;
  body?: object;
  headers?: Record<string, string>;
}

/**
 * Somebody comes to the shop of an environment: asks for the orders without being known, registers, logs in, and asks again.
 * The name is looked up in the zone, as a resolver would, and all goes over HTTPS through the load balancer.
 * @throws Error when one of the answers is not what the shop promises
 */
export async function visit(sandbox: Sandbox, domain: string): Promise<Visit[]> {
  const host = `api.${domain}`;
  const address = addressOf(sandbox, host);
  const origin = `https://shop.${domain}`;
  const visits: Visit[] = [];

  async function call(asked: string, expected: number, { method = 'GET', path, body, headers = {} }: Call) {
    const type = body === undefined ? {} : { origin, 'content-type': 'application/json' };
    const outgoing = request({
      ...{ method, path, host: address, servername: host, ca: sandbox.egress.authority, agent: false },
      headers: { host, ...type, ...headers },
      timeout: 10_000,
    });
    const answered = new Promise<{ status: number; cookie?: string }>((resolve, reject) => {
      outgoing.once('timeout', () => outgoing.destroy(new Error(`${host} does not answer within 10 s`)));
      outgoing.once('error', reject).once('response', response => {
        const cookie = response.headers['set-cookie']?.[0]?.split(';')[0];
        const status = response.statusCode ?? 0;
        text(response).then(said => {
          if (status === expected) resolve({ status, ...(cookie !== undefined && { cookie }) });
          else
            reject(new Error(`${method} https://${host}${path}: ${status} instead of ${expected}: ${said}`));
        }, reject);
      });
    });
    outgoing.end(body && JSON.stringify(body));
    const { status, cookie } = await answered;
    visits.push({ asked: `${method} https://${host}${path}${asked}`, status });
    return cookie;
  }

  const email = `visitor-${randomBytes(4).toString('hex')}@${domain}`;
  const password = randomBytes(18).toString('base64url');
  const spoofed = { 'x-auth-user': 'admin', 'x-auth-role': 'admin' };
  await call(', by anybody', 200, { path: '/products' });
  await call(', by nobody known', 401, { path: '/orders' });
  await call(', with made-up identity headers', 401, { path: '/orders', headers: spoofed });
  await call('', 202, { method: 'POST', path: '/auth/register', body: { email, name: 'Visitor', password } });
  const cookie = await call('', 200, { method: 'POST', path: '/auth/login', body: { email, password } });
  const session = { cookie: cookie ?? '' };
  await call(', logged in', 200, { path: '/orders', headers: session });
  // Whoever has a session may still not say who it is for.
  const promoted = { ...session, ...spoofed, x_auth_role: 'admin', 'x-auth-assertion': 'e30.e30.e30' };
  const product = { name: 'Free for all', price: { amount: 1, currency: 'CHF' } };
  await call(', logged in and calling itself an administrator', 403, {
    ...{ method: 'POST', path: '/products', body: product, headers: promoted },
  });
  return visits;
}

function addressOf(sandbox: Sandbox, host: string): string {
  const { records } = sandbox.cloudflare.zone('example.com');
  const record = records.find(({ name, type }) => name === host && type === 'A');
  if (!record) throw new Error(`${host} has no address in the zone`);
  return record.content;
}
