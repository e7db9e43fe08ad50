import fc from 'fast-check';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Answer, send, sendRaw, type Wire } from '../src/testing/client.ts';
import { audience, behind, issuer, openWorld, origin, type Person, type World } from './world.ts';

let world: World;
let customer: Person;
let admin: Person;
beforeAll(async () => {
  world = await openWorld();
  customer = await world.person();
  admin = await world.person('admin');
});
afterAll(() => world.close());

const forwarded = {
  'x-forwarded-method': 'GET',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'api.example.com',
  'x-forwarded-uri': '/orders?limit=5',
  'x-forwarded-for': '203.0.113.7',
};
type Headers = Record<string, string | undefined>;
const wire = (headers: Headers): Wire =>
  Object.entries({ ...forwarded, ...headers }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
const auth = (query: string, headers: Headers = {}, twice: Wire = []): Promise<Answer> =>
  send(world.here, 'GET', `/auth${query}`, { headers: [...wire(headers), ...twice] });
const who = (name: 'customer' | 'admin' | 'nobody'): Headers =>
  name === 'nobody' ? {} : { cookie: { customer, admin }[name].cookie };

const garbled = {
  'no token at all': '__Host-sid=',
  'another alphabet': `__Host-sid=${'!'.repeat(43)}`,
  'too short': '__Host-sid=abc',
  'nobody was given it': `__Host-sid=${'A'.repeat(43)}`,
  'another name': `sid=${'A'.repeat(43)}`,
  SQL: "__Host-sid=' OR 1=1 --",
};

describe('who may pass', () => {
  test.each([
    ['', 'customer', 'GET', undefined, 204],
    ['', 'customer', 'HEAD', undefined, 204],
    ['', 'customer', 'POST', origin, 204],
    ['', 'customer', 'POST', undefined, 403],
    ['', 'customer', 'POST', 'null', 403],
    ['', 'customer', 'DELETE', 'https://evil.example.com', 403],
    ['', 'customer', 'PUT', `${origin}.evil.com`, 403],
    ['', 'customer', 'PATCH', `${origin}:443`, 403],
    ['', 'customer', 'PATCH', 'http://shop.example.com', 403],
    ['', 'customer', 'BREW', undefined, 403],
    ['', 'nobody', 'GET', undefined, 401],
    ['', 'nobody', 'POST', origin, 401],
    ['?require=admin', 'admin', 'GET', undefined, 204],
    ['?require=admin', 'admin', 'POST', origin, 204],
    ['?require=admin', 'admin', 'POST', undefined, 403],
    ['?require=admin', 'customer', 'GET', undefined, 403],
    ['?require=admin', 'customer', 'POST', origin, 403],
    ['?require=admin', 'nobody', 'GET', undefined, 401],
    ['?optional=1', 'customer', 'GET', undefined, 204],
    ['?optional=1', 'customer', 'POST', 'https://evil.example.com', 403],
    ['?optional=1', 'nobody', 'GET', undefined, 204],
    ['?optional=1&require=admin', 'admin', 'GET', undefined, 400],
    ['?require=root', 'admin', 'GET', undefined, 400],
    ['?require=admin&require=customer', 'admin', 'GET', undefined, 400],
    ['?optional=yes', 'nobody', 'GET', undefined, 400],
    ['?skip=1', 'customer', 'GET', undefined, 400],
  ] as const)('/auth%s as %s, for %s from %s: %i', async (query, name, method, from, status) => {
    const answer = await auth(query, { ...who(name), 'x-forwarded-method': method, origin: from });
    expect(answer.status).toBe(status);
    expect(answer.headers['cache-control']).toBe('no-store');
    if (status === 204) {
      expect(answer.text).toBe('');
      const somebody = name === 'nobody' ? undefined : { customer, admin }[name].id;
      expect(answer.headers['x-auth-user']).toBe(somebody);
      expect(answer.headers['x-auth-role']).toBe(name === 'nobody' ? undefined : name);
      expect(answer.headers['x-auth-assertion'] === undefined).toBe(name === 'nobody');
    } else {
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(answer.body).toMatchObject({ status, type: expect.stringMatching(/^urn:shop:problem:/) });
      expect(answer.headers.location).toBeUndefined();
      expect(Object.keys(answer.headers).filter(header => header.startsWith('x-auth'))).toEqual([]);
    }
  });

  test.each(Object.entries(garbled))('a cookie with %s is none', async (_, cookie) => {
    expect((await auth('', { cookie })).status).toBe(401);
    const answer = await auth('?optional=1', { cookie });
    expect([answer.status, answer.headers['x-auth-user']]).toEqual([204, undefined]);
  });

  test('of two session cookies none counts, wherever they come from', async () => {
    expect((await auth('', { cookie: `${customer.cookie}; ${admin.cookie}` })).status).toBe(401);
    expect((await auth('', { cookie: customer.cookie }, [['cookie', admin.cookie]])).status).toBe(401);
    expect((await auth('', { cookie: `theme=dark; ${customer.cookie}; a=b` })).status).toBe(204);
  });

  test('neither a bearer token nor identity that a client made up counts', async () => {
    const { headers } = await auth('', who('admin'));
    const made = {
      authorization: `Bearer ${headers['x-auth-assertion']}`,
      'x-auth-user': admin.id,
      'x-auth-role': 'admin',
    };
    expect((await auth('', made)).status).toBe(401);
    const answer = await auth('', { ...made, ...who('customer') });
    expect(answer.headers['x-auth-role']).toBe('customer');
  });

  test.each(['cors', 'navigate', 'no-cors', 'same-origin', 'websocket'])(
    'Sec-Fetch-Mode: %s opens nothing',
    async mode => {
      expect((await auth('', { 'sec-fetch-mode': mode, 'sec-fetch-site': 'same-origin' })).status).toBe(401);
      const change = { 'x-forwarded-method': 'POST', 'sec-fetch-site': 'same-origin', ...who('customer') };
      expect((await auth('', { 'sec-fetch-mode': mode, ...change })).status).toBe(403);
    },
  );

  test('Sec-Fetch-Site: cross-site denies a change, even with our origin', async () => {
    const change = { 'x-forwarded-method': 'POST', 'sec-fetch-site': 'cross-site', origin };
    expect((await auth('', { ...change, ...who('customer') })).status).toBe(403);
  });
});

describe('what Traefik never sends', () => {
  const wrong: [string, Headers][] = [
    ...Object.keys(forwarded).map((name): [string, Headers] => [`no ${name}`, { [name]: undefined }]),
    ...Object.keys(forwarded).map((name): [string, Headers] => [`an empty ${name}`, { [name]: '' }]),
    ...['get', 'G ET', 'GET,POST', 'X'.repeat(21)].map((value): [string, Headers] => [
      `method ${value}`,
      { 'x-forwarded-method': value },
    ]),
    ...['ftp', 'https, http', 'HTTPS'].map((value): [string, Headers] => [
      `scheme ${value}`,
      { 'x-forwarded-proto': value },
    ]),
    ...['a b', 'a,b', 'user@host', 'host/path', 'host:port'].map((value): [string, Headers] => [
      `host ${value}`,
      { 'x-forwarded-host': value },
    ]),
    ...[
      'orders',
      'https://api.example.com/',
      '/a b',
      '/a%00b',
      '/a%zz',
      '/\u00e9',
      `/${'a'.repeat(8192)}`,
    ].map((value): [string, Headers] => [`path ${value.slice(0, 30)}`, { 'x-forwarded-uri': value }]),
    ...['unknown', '1.2.3', '203.0.113.7, evil'].map((value): [string, Headers] => [
      `address ${value}`,
      { 'x-forwarded-for': value },
    ]),
  ];
  test.each(wrong)('%s: 400, with a session and without', async (_, headers) => {
    for (const name of ['admin', 'nobody'] as const)
      expect((await auth('?optional=1', { ...headers, ...who(name) })).status).toBe(400);
  });

  test.each(Object.entries(forwarded))('%s twice: 400', async (name, value) => {
    expect((await auth('', who('admin'), [[name, value]])).status).toBe(400);
  });

  test.each(['x-forwarded-uri', 'x-forwarded-host', 'cookie'])('a NUL in %s: 400', async name => {
    const headers = { ...Object.fromEntries(wire(who('admin'))), [name]: 'a\0b' };
    const lines = Object.entries(headers).map(([key, value]) => `${key}: ${value}\r\n`);
    const request = `GET /auth HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${lines.join('')}\r\n`;
    expect(await sendRaw(world.here, request)).toBe('HTTP/1.1 400 Bad Request');
  });

  test('the path that somebody asks for decides nothing', async () => {
    const path = fc.oneof(
      fc.webPath().map(text => text || '/'),
      fc.constantFrom(
        '/auth?optional=1',
        '/healthz',
        '/auth/login',
        '/products/../orders',
        '//orders',
        '/.well-known/jwks.json',
      ),
    );
    await fc.assert(
      fc.asyncProperty(path, async uri => {
        const headers = { 'x-forwarded-uri': uri };
        expect([401, 400]).toContain((await auth('', headers)).status);
        expect([403, 400]).toContain(
          (await auth('?require=admin', { ...headers, ...who('customer') })).status,
        );
      }),
      { numRuns: 40 },
    );
  });
});

describe('what has no route from outside', () => {
  // Traefik passes on what begins with /auth/; none of it may end up at /auth or at the keys.
  test.each([
    '/auth/',
    '/auth/?require=admin',
    '/auth//',
    '/auth/.',
    '/auth/%2e',
    '/auth/../auth',
    '/auth/%2e%2e/auth',
    '/auth/..%2fauth',
    '/auth/../.well-known/jwks.json',
    '/auth/%2e%2e/.well-known/jwks.json',
  ])('%s is not there', async path => {
    const answer = await send(world.here, 'GET', path, { headers: wire(who('admin')) });
    expect([answer.status, answer.headers['x-auth-assertion']]).toEqual([404, undefined]);
  });
});

describe('what passes goes a shorter way than what does not', () => {
  test('and is measured all the same', async () => {
    await auth('', who('customer'));
    await auth('?optional=1');
    await auth('');
    const metrics = await world.registry.metrics();
    for (const status of [204, 401])
      expect(metrics).toContain(
        `http_request_duration_seconds_count{method="GET",route="/auth",status="${status}"}`,
      );
  });

  test.each([
    ['', 'customer', 204],
    ['?require=admin', 'customer', 403],
    ['', 'nobody', 401],
  ] as const)('/auth%s as %s is looked up once, and answered %i', async (query, name, status) => {
    const cookie = name === 'nobody' ? garbled['nobody was given it'] : customer.cookie;
    const asked = vi.spyOn(world.pool, 'query');
    expect((await auth(query, { cookie })).status).toBe(status);
    expect(asked).toHaveBeenCalledTimes(1);
    asked.mockRestore();
  });

  test('but not while the service is shutting down: it asks for the connection to be closed', async () => {
    const other = await openWorld(world.databaseUrl);
    try {
      const ask = () => fetch(`${other.here}/auth`, { headers: { ...forwarded, cookie: customer.cookie } });
      const before = await ask();
      expect([before.status, before.headers.get('connection')]).toEqual([204, 'keep-alive']);
      other.drain();
      const after = await ask();
      expect([after.status, after.headers.get('connection')]).toEqual([204, 'close']);
    } finally {
      await other.close();
    }
  });
});

describe('the life of a session', () => {
  test.each([
    ['not used for 29 minutes', "last_seen_at = now() - interval '29 minutes'", 204],
    ['not used for 30 minutes', "last_seen_at = now() - interval '30 minutes'", 401],
    ['opened 12 hours ago', 'expires_at = now()', 401],
  ])('%s', async (_, change, status) => {
    const { id, cookie } = await world.person();
    await world.query(`UPDATE user_manager.sessions SET ${change} WHERE user_id = $1`, [id]);
    expect((await auth('', { cookie })).status).toBe(status);
    expect((await auth('?optional=1', { cookie })).headers['x-auth-user']).toBe(
      status === 204 ? id : undefined,
    );
    if (status === 204) {
      const [{ fresh }] = await world.query(
        "SELECT last_seen_at > now() - interval '1 minute' AS fresh FROM user_manager.sessions WHERE user_id = $1",
        [id],
      );
      expect(fresh).toBe(true);
    }
  });

  test('it ends twelve hours after it began, whatever happens', async () => {
    const { id } = await world.person();
    const [{ hours }] = await world.query(
      'SELECT extract(epoch FROM expires_at - created_at)::int / 3600 AS hours FROM user_manager.sessions WHERE user_id = $1',
      [id],
    );
    expect(hours).toBe(12);
  });

  test('an account that is disabled has none, also where that was done in the database', async () => {
    const { id, cookie } = await world.person();
    await world.query('UPDATE user_manager.users SET disabled_at = now() WHERE id = $1', [id]);
    expect((await auth('', { cookie })).status).toBe(401);
    expect((await auth('?optional=1', { cookie })).headers['x-auth-user']).toBeUndefined();
  });

  test('a role that was taken away is gone with the next request', async () => {
    const { id, cookie } = await world.person('admin');
    expect((await auth('?require=admin', { cookie })).status).toBe(204);
    await world.query("UPDATE user_manager.users SET role = 'customer' WHERE id = $1", [id]);
    expect((await auth('?require=admin', { cookie })).status).toBe(403);
    expect((await auth('', { cookie })).headers['x-auth-role']).toBe('customer');
  });
});

describe('the assertion', () => {
  test('says who it is for a minute, signed with a published key', async () => {
    const { headers } = await auth('', who('admin'));
    const jwks = (await send(world.here, 'GET', '/.well-known/jwks.json')).body;
    const { payload, protectedHeader } = await jwtVerify(
      String(headers['x-auth-assertion']),
      createLocalJWKSet(jwks),
      { issuer, audience, algorithms: ['EdDSA'] },
    );
    expect(payload).toMatchObject({
      sub: admin.id,
      role: 'admin',
      sid: expect.any(String),
      jti: expect.any(String),
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: jwks.keys[0].kid });
    expect(JSON.stringify(jwks)).not.toContain('"d"');
  });

  test('is signed once a session, not once a request', async () => {
    const [first, second] = [await auth('', who('customer')), await auth('', who('customer'))];
    expect(second.headers['x-auth-assertion']).toBe(first.headers['x-auth-assertion']);
    expect((await auth('', who('admin'))).headers['x-auth-assertion']).not.toBe(
      first.headers['x-auth-assertion'],
    );
  });
});

describe('a store that does not answer lets nobody in', () => {
  test('slower than half a second', async () => {
    const other = await behind(world.databaseUrl);
    await other.query('BEGIN; LOCK TABLE user_manager.sessions IN ACCESS EXCLUSIVE MODE');
    try {
      for (const query of ['', '?optional=1', '?require=admin']) {
        const answer = await auth(query, who('admin'));
        expect([answer.status, answer.body.type]).toEqual([503, 'urn:shop:problem:store-unavailable']);
        expect(answer.headers['retry-after']).toBe('1');
      }
      expect((await auth('', {})).status).toBe(401); // nothing to look up
      const measured = /_sum\{method="GET",route="\/auth",status="503"\} (\S+)/.exec(
        await world.registry.metrics(),
      );
      expect(Number(measured?.[1])).toBeGreaterThan(3 * 0.45);
    } finally {
      await other.query('ROLLBACK');
      await other.end();
    }
    expect((await auth('', who('admin'))).status).toBe(204);
  });

  test('down', async () => {
    const lost = await openWorld('postgres://nobody@127.0.0.1:1/none');
    try {
      const answer = await send(lost.here, 'GET', '/auth', { headers: wire(who('admin')) });
      expect(answer.status).toBe(503);
      const ready = await send(lost.here, 'GET', '/readyz');
      expect(ready.status).toBe(503);
      expect((await send(lost.here, 'GET', '/healthz')).status).toBe(200);
    } finally {
      await lost.close();
    }
  });
});
