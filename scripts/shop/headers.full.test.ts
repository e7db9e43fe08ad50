import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../sandbox/ports.ts';
import { type Customer, crowd } from './crowd.ts';
import { openShop, type Shop } from './open.ts';
import { startTraefik } from './programs.ts';
import { type Heard, say } from './wire.ts';

/*
 * What a client can write into a request to be somebody else, through real Traefik. The services' answers are one half of
 * the proof. The other is a product service that repeats what reached it, behind a second Traefik with the same routes.
 */

let shop: Shop;
let customer: Customer;
let admin: Customer;
/** The administrator's own assertion, as only services ever see it. */
let stolen: string;
let echo: Server;
let echoPort: number;
beforeAll(async () => {
  shop = await openShop();
  [customer, admin] = (await crowd(shop, 2, 2)) as [Customer, Customer];
  await shop.query("UPDATE user_manager.users SET role = 'admin' WHERE id = $1", [admin.id]);
  const asked = await fetch(`${shop.services['user-manager'].url}/auth`, {
    headers: {
      cookie: admin.cookie,
      'x-forwarded-method': 'GET',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'api.example.localhost',
      'x-forwarded-uri': '/orders',
      'x-forwarded-for': '203.0.113.7',
    },
  });
  stolen = String(asked.headers.get('x-auth-assertion'));

  echo = createServer((request, response) => {
    const body = Buffer.from(JSON.stringify({ path: request.url, headers: request.rawHeaders }));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const product = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`;
  echoPort = await freePort();
  const place = { ...shop.place, services: { ...shop.place.services, product } };
  await startTraefik(shop.run, 'traefik-echo', { place, port: echoPort, ready: '/products' });
});
afterAll(async () => {
  await shop?.close();
  echo?.closeAllConnections();
  echo?.close();
});

let turn = 0;
/** Each from an address of its own, so that the rate limit never answers instead. */
const address = () => `127.2.${turn >> 8}.${turn++ & 255}`;
const api = 'Host: api.example.localhost';
const request = (line: string, headers: string[] = [], body = '') =>
  [`${line} HTTP/1.1`, api, 'Connection: close', ...headers, '', body].join('\r\n');
const ask = async (bytes: string, port = shop.port): Promise<Heard> =>
  (await say(port, bytes, address()))[0] as Heard;
const cookie = (who: Customer) => `Cookie: ${who.cookie}`;
const json = (body: object) => {
  const text = JSON.stringify(body);
  return [['Content-Type: application/json', `Content-Length: ${text.length}`], text] as const;
};

/** What reached the service and could be taken for an identity, by any server's reading of a header's name. */
function identity({ body }: Heard): [string, string][] {
  const { headers } = JSON.parse(body) as { headers: string[] };
  return headers
    .map((name, index): [string, string] => [
      name.toLowerCase().replaceAll('_', '-'),
      headers[index + 1] ?? '',
    ])
    .filter(([name], index) => index % 2 === 0 && /^x-auth-(user|role|assertion)$/.test(name));
}
const claims = (assertion: string) =>
  JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString());

const names = ['User', 'Role', 'Assertion'];
const made = (write: (name: string) => string, twice = false): string[] => {
  const values: Record<string, string> = { User: admin.id, Role: 'admin', Assertion: stolen };
  const lines = names.map(name => `${write(name)}: ${values[name]}`);
  return twice ? [...lines, ...lines] : lines;
};
const forgeries: Record<string, () => string[]> = {
  'made-up headers': () => made(name => `X-Auth-${name}`),
  'in small letters': () => made(name => `x-auth-${name.toLowerCase()}`),
  'in capitals': () => made(name => `X-AUTH-${name.toUpperCase()}`),
  'each twice': () => made(name => `X-Auth-${name}`, true),
  'with underscores': () => made(name => `X_Auth_${name}`),
  'with one underscore, first': () => made(name => `X_Auth-${name}`),
  'with one underscore, last': () => made(name => `X-Auth_${name}`),
  'in small letters with underscores': () => made(name => `x_auth_${name.toLowerCase()}`),
  'the right names and the alike': () => ['X-Auth-', 'X_Auth_'].flatMap(start => made(name => start + name)),
  'hop by hop': () => [
    ...made(name => `X-Auth-${name}`),
    'Connection: X-Auth-User, X-Auth-Role, X-Auth-Assertion',
  ],
  'hop by hop, with what Traefik says itself': () => [
    ...made(name => `X-Auth-${name}`),
    'Connection: X-Forwarded-For, X-Forwarded-Method, X-Forwarded-Uri, X-Forwarded-Host, X-Forwarded-Proto, X-Real-Ip',
  ],
  'a bearer token': () => [`Authorization: Bearer ${stolen}`],
  'junk as Authorization': () => [`Authorization: ${'Basic '.repeat(200)}`, 'Authorization: \x80\xff'],
  'what Traefik would say': () => [
    'X-Forwarded-Method: GET',
    'X-Forwarded-Uri: /auth/login?optional=1',
    'X-Forwarded-Host: shop.example.localhost',
    'X-Forwarded-Proto: https',
    'X-Forwarded-For: 127.0.0.1',
    'Forwarded: for=127.0.0.1;host=shop.example.localhost',
    ...made(name => `X-Auth-${name}`),
  ],
  'another path by header': () => [
    'X-Original-URL: /products',
    'X-Rewrite-URL: /products',
    'X-Forwarded-Prefix: /x',
  ],
  'what browsers say of themselves': () => ['Sec-Fetch-Mode: cors', 'Sec-Fetch-Site: same-origin'],
  'a line that ends early': () => [
    `X-Note: a\nX-Auth-User: ${admin.id}\nX-Auth-Role: admin\nX-Auth-Assertion: ${stolen}`,
  ],
};

describe.each(Object.keys(forgeries))('%s', name => {
  const lines = () => forgeries[name]?.() ?? [];

  test('opens nothing without a session', async () => {
    for (const line of [
      'GET /orders',
      'GET /orders?all=1',
      'GET /stock-ledger',
      'GET /auth/me',
      'GET /auth/users',
    ]) {
      const { status, head } = await ask(request(line, lines()));
      expect([line, status]).toEqual([line, 401]);
      expect(head).not.toMatch(/^x-auth-/im);
    }
    expect((await ask(request('GET /orders', lines()), echoPort)).status).toBe(401);
  });

  test('makes no customer an administrator', async () => {
    const [type, body] = json({ name: 'Mine', priceMinor: 1, stock: 1 });
    const sent = [...lines(), cookie(customer), `Origin: ${shop.shopOrigin}`];
    expect((await ask(request('POST /products', [...sent, ...type], body))).status).toBe(403);
    expect((await ask(request('GET /orders?all=1', sent))).status).not.toBe(200);
    expect((await ask(request('GET /auth/audit-log', sent))).status).toBe(403);
    const me = await ask(request('GET /auth/me', sent));
    expect([me.status, JSON.parse(me.body).id]).toEqual([200, customer.id]);
  });

  test('reaches the service neither instead of, nor beside, what the user-manager said', async () => {
    const found = identity(await ask(request('GET /orders', [...lines(), cookie(customer)]), echoPort));
    expect(new Set(found.map(([header]) => header)).size).toBe(found.length);
    for (const [header, value] of found) {
      if (header === 'x-auth-assertion')
        expect(claims(value)).toMatchObject({ sub: customer.id, role: 'customer' });
      else expect(value).toBe(header === 'x-auth-user' ? customer.id : 'customer');
    }
    if (!name.startsWith('hop by hop')) expect(found.length).toBe(3);
  });

  test('reaches nobody where nobody is asked for', async () => {
    expect(identity(await ask(request('GET /products', [...lines(), cookie(admin)]), echoPort))).toEqual([]);
  });
});

describe('a change', () => {
  test.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', 'X-Forwarded-Method'])(
    '%s: GET is still a change, which comes from our pages',
    async header => {
      const [type, body] = json({ lines: [] });
      const sent = [cookie(customer), `${header}: GET`, ...type];
      expect((await ask(request('POST /orders', sent, body))).status).toBe(403);
      const evil = [...sent, 'Origin: https://evil.example.com'];
      expect((await ask(request('POST /orders', evil, body))).status).toBe(403);
      const override = [`${header}: DELETE`];
      expect((await ask(request('GET /products?limit=1', override))).status).toBe(200);
    },
  );

  test.each(['get', 'Get', 'BREW', 'PROPFIND', 'TRACE', 'X'.repeat(30)])(
    'method %s is nobody’s',
    async method => {
      for (const path of ['/products', '/orders'])
        expect([400, 401, 403, 404, 405]).toContain((await ask(request(`${method} ${path}`))).status);
    },
  );
});

describe('bytes that do not belong into a request: 400', () => {
  const wrong: Record<string, () => string> = {
    'NUL in a value': () => request('GET /orders', ['X-Auth-User: a\0b']),
    'NUL in a name': () => request('GET /orders', ['X-Auth\0-User: a']),
    'NUL in the cookie': () => request('GET /orders', [`${cookie(customer)}\0`]),
    'NUL in the path': () => request('GET /orders\0'),
    'NUL in the host': () => request('GET /orders').replace(api, `${api}\0`),
    'CR in a value': () => request('GET /orders', ['X-Note: a\rX-Auth-User: b']),
    'CR in the cookie': () => request('GET /orders', [`${cookie(customer)}\rX: y`]),
    'a space before the colon': () => request('GET /orders', [`X-Auth-User : ${admin.id}`]),
    'a name with a space': () => request('GET /orders', [`X Auth-User: ${admin.id}`]),
    'no name': () => request('GET /orders', [`: ${admin.id}`]),
    'a line without a colon': () => request('GET /orders', ['X-Auth-User']),
    'two hosts': () => request('GET /orders', ['Host: shop.example.localhost']),
    'no host': () => request('GET /orders').replace(`${api}\r\n`, ''),
    'two lengths': () => request('POST /orders', ['Content-Length: 2', 'Content-Length: 3'], '{} '),
    'a length below nothing': () => request('POST /orders', ['Content-Length: -1']),
    'a NUL that is written out': () => request('GET /orders/%00', [cookie(customer)]),
    'an escape that is none': () => request('GET /orders/%zz', [cookie(customer)]),
  };
  test.each(Object.keys(wrong))('%s', async name => {
    const { status, head } = await ask(wrong[name]?.() ?? '');
    expect(status).toBe(400);
    expect(head).not.toMatch(/^x-auth-/im);
  });

  test('a header that goes on in the next line is no header of its own', async () => {
    const folded = ['X-Note: a', ` X-Auth-User: ${admin.id}`];
    expect([400, 401]).toContain((await ask(request('GET /orders', folded))).status);
  });
});

describe('too much', () => {
  const big: [string, (size: number) => string[]][] = [
    ['cookie', size => [`Cookie: a=${'x'.repeat(size)}`]],
    ['session', size => [`Cookie: __Host-sid=${'x'.repeat(size)}`]],
    ['identity', size => [`X-Auth-User: ${'x'.repeat(size)}`]],
    ['Authorization', size => [`Authorization: ${'x'.repeat(size)}`]],
    [
      'number of headers',
      size => Array.from({ length: size / 20 }, (_, index) => `X-Many-${index}: abcdefghij`),
    ],
    [
      'number of cookies',
      size => Array.from({ length: size / 20 }, (_, index) => `Cookie: a${index}=bcdefg`),
    ],
  ];
  describe.each(big)('%s', (_, write) => {
    test.each([8_000, 17_000, 60_000, 500_000, 3_000_000])(
      '%i bytes open nothing and break nothing',
      async size => {
        const closed = [400, 401, 431];
        for (const line of ['GET /orders', 'GET /auth/me'])
          expect(closed).toContain((await ask(request(line, write(size)))).status);
        const { status } = await ask(request('GET /products?limit=1', write(size)));
        expect([200, ...closed]).toContain(status);
      },
    );
  });

  test.each([9_000, 100_000, 2_000_000])('a path of %i bytes', async size => {
    const path = `GET /orders/${'x'.repeat(size)}`;
    expect([400, 401, 404, 414, 431]).toContain((await ask(request(path))).status);
    expect([400, 404, 414, 431]).toContain((await ask(request(path, [cookie(customer)]))).status);
  });
});

describe('cookies', () => {
  const of = async (lines: string[]) => (await ask(request('GET /orders', lines))).status;

  test('of two sessions none counts, in one header or in two', async () => {
    const [one, two] = [customer.cookie, admin.cookie];
    for (const lines of [
      [`Cookie: ${one}; ${two}`],
      [`Cookie: ${one}`, `Cookie: ${two}`],
      [`Cookie: ${one}; ${one}`],
    ])
      expect(await of(lines)).toBe(401);
  });

  test('others beside it do no harm, in one header or in several', async () => {
    expect(await of([`Cookie: theme=dark; ${customer.cookie}; a=b`])).toBe(200);
    expect(await of(['Cookie: theme=dark', cookie(customer), 'Cookie: a=b'])).toBe(200);
  });

  test.each([
    ['another name', (value: string) => `sid=${value}`],
    ['another case', (value: string) => `__host-SID=${value}`],
    ['quotes', (value: string) => `__Host-sid="${value}"`],
    ['a domain', (value: string) => `$Version=1; __Host-sid-x=${value}`],
    ['more at the end', (value: string) => `__Host-sid=${value}A`],
    ['less at the end', (value: string) => `__Host-sid=${value.slice(0, -1)}`],
  ])('the session under %s is none', async (_, write) => {
    expect(await of([`Cookie: ${write(customer.cookie.split('=')[1] ?? '')}`])).toBe(401);
  });
});

describe('the way to a place', () => {
  const detours = [
    '/products/../orders',
    '/products/%2e%2e/orders',
    '/products/..%2forders',
    '/products%2f..%2forders',
    '/products/..;/orders',
    '/products/..\\orders',
    '/products/.%2e/orders',
    '//orders',
    '///orders',
    '/./orders',
    '/orders/.',
    '/orders/',
    '/orders//',
    '/orders.',
    '/orders;x',
    '/orders%20',
    '/%6frders',
    '/Orders',
    '/ORDERS',
    '/orders%3fall=1',
    '/orders#',
    '/products/../stock-ledger',
    '/products/%2e%2e/stock-ledger',
    '/auth/../orders',
    '/auth/%2e%2e/orders',
    '/auth/..%2forders',
  ];
  test.each(detours)('%s is closed without a session', async path => {
    for (const more of [[], made(name => `X-Auth-${name}`)]) {
      const { status, body } = await ask(request(`GET ${path}`, more));
      expect([400, 401, 404]).toContain(status);
      expect(body).not.toContain('"orders"');
    }
  });

  test.each(detours)('%s arrives at the service by no door that asks nobody', async path => {
    const answer = await ask(request(`GET ${path}`), echoPort);
    if (answer.status !== 200) return expect([400, 401, 404]).toContain(answer.status);
    expect(new URL(JSON.parse(answer.body).path, 'http://x').pathname).toMatch(/^\/products/);
  });

  test.each(['GET', 'POST'])('%s http://…/orders in full is asked about all the same', async method => {
    const line = `${method} http://api.example.localhost/orders`;
    for (const host of [api, 'Host: shop.example.localhost', 'Host: evil.example.com'])
      expect((await ask(request(line).replace(api, host))).status).toBe(401);
  });

  test.each([
    ['API.EXAMPLE.LOCALHOST', 401],
    ['Api.Example.Localhost:1', 401],
    ['api.example.localhost:99999', 401],
    ['api.example.localhost.', 401],
    ['api.example.localhost..', 404],
    ['user-manager.shop.svc.cluster.local', 404],
    ['localhost', 404],
    ['127.0.0.1', 404],
    ['[::1]', 404],
  ])('with Host: %s it is %i', async (host, status) => {
    expect((await ask(request('GET /orders').replace(api, `Host: ${host}`))).status).toBe(status);
  });

  test.each([
    '/auth',
    '/auth?optional=1',
    '/auth?require=admin',
    '/auth/',
    '/auth/?optional=1',
    '/auth//',
    '/auth/.',
    '/auth/..%2fauth',
    '/auth/../auth',
    '/auth/%2e%2e/auth',
    '//auth',
    '/auth%2f',
    '/auth/%3foptional=1',
    '/.well-known/jwks.json',
    '/auth/../.well-known/jwks.json',
    '/auth/%2e%2e/.well-known/jwks.json',
    '/metrics',
    '/healthz',
    '/readyz',
    '/auth/../metrics',
    '/products/../openapi.json',
  ])('%s has no route from outside', async path => {
    const { status, head } = await ask(request(`GET ${path}`, [cookie(admin)]));
    expect([400, 404]).toContain(status);
    expect(head).not.toMatch(/^x-auth-/im);
  });
});

describe('one request is one request', () => {
  const hidden = (headers: string[], body: string) =>
    [`POST /orders HTTP/1.1`, api, ...headers, '', body].join('\r\n');
  const second = () =>
    request(
      'GET /orders?all=1',
      made(name => `X-Auth-${name}`),
    );
  test.each<[string, string[], (next: string) => string]>([
    ['a length and chunks', ['Content-Length: 5', 'Transfer-Encoding: chunked'], next => `0\r\n\r\n${next}`],
    ['chunks with a capital', ['Transfer-Encoding: Chunked'], next => `0\r\n\r\n${next}`],
    ['chunks after a tab', ['Transfer-Encoding:\tchunked'], next => `0\r\n\r\n${next}`],
    ['a name with a space', ['Transfer-Encoding : chunked'], next => `0\r\n\r\n${next}`],
    ['no body but a request', ['Content-Length: 0'], next => next],
  ])('%s', async (_, headers, body) => {
    for (const session of [[], [cookie(customer), `Origin: ${shop.shopOrigin}`]]) {
      const answers = await say(shop.port, hidden([...headers, ...session], body(second())), address());
      for (const answer of answers) {
        expect([400, 401, 415]).toContain(answer.status);
        expect(answer.body).not.toContain('"orders"');
      }
    }
  });

  test.each<[string, string[], string, number]>([
    // https://www.rfc-editor.org/rfc/rfc9112#section-6.1-15 wants 501 for a coding that nobody knows.
    ['a coding that nobody knows', ['Transfer-Encoding: xchunked'], '', 501],
    ['chunks, twice', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], '0\r\n\r\n', 501],
    ['a size that is none', ['Transfer-Encoding: chunked', 'Content-Type: application/json'], '0x5\r\n', 500],
  ])('%s is refused by Traefik itself, and nothing is ordered', async (_, headers, start, status) => {
    const session = [cookie(customer), `Origin: ${shop.shopOrigin}`, 'Idempotency-Key: hidden'];
    const answers = await say(shop.port, hidden([...headers, ...session], start + second()), address());
    expect(answers.map(answer => answer.status)).toEqual([status]);
    expect(answers[0]?.head).not.toMatch(/problem\+json|^x-auth-/im);
    const mine = await ask(request('GET /orders', [cookie(customer)]));
    expect(JSON.parse(mine.body).orders).toEqual([]);
  });
});
