import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guessesPerAccount } from '../src/sessions/login.ts';
import { cookieOf, goodPassword, openWorld, origin, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const status = async (cookie: string) => (await world.ask('GET', '/auth/me', { cookie })).status;
let addresses = 0;
const elsewhere = () => `198.51.${++addresses >> 8}.${addresses & 255}`;

test('who come together are each told who they are, also beside sessions that have ended and cookies that open none', async () => {
  const people = await Promise.all(Array.from({ length: 12 }, () => world.person()));
  const ended = people.filter((_, turn) => turn % 3 === 0);
  for (const { cookie } of ended) await world.ask('POST', '/auth/logout', { cookie });
  const stranger = () => ({ id: undefined, cookie: `__Host-sid=${randomBytes(32).toString('base64url')}` });
  const asking = people.toReversed().flatMap(person => [stranger(), person, person]);
  const answers = await Promise.all(asking.map(({ cookie }) => world.ask('GET', '/auth/me', { cookie })));
  const expected = asking.map(({ id, cookie }) =>
    ended.some(each => each.cookie === cookie) ? undefined : id,
  );
  expect(answers.map(({ body }) => body.id)).toEqual(expected);
});

describe('login', () => {
  test('sets an opaque cookie that scripts and other sites do not see, and stores its hash alone', async () => {
    const { email } = await world.person();
    const answer = await world.login(email, goodPassword, { from: elsewhere() });
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^__Host-sid=[\w-]{43}; Max-Age=43200; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
      ),
    ]);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.text).not.toMatch(/password|argon2/);
    const token = cookieOf(answer).split('=')[1] ?? '';
    const dump = JSON.stringify(await world.query('SELECT s::text FROM user_manager.sessions s'));
    expect(dump).not.toContain(token);
  });

  test('takes the place of the session that the browser had', async () => {
    const { email, cookie } = await world.person();
    const next = cookieOf(await world.login(email, goodPassword, { cookie, from: elsewhere() }));
    expect(next).not.toBe(cookie);
    expect([await status(cookie), await status(next)]).toEqual([401, 200]);
  });

  test('an unknown name and a wrong password get the same answer, after the same work', async () => {
    const { email } = await world.person();
    const known = await world.login(email, 'wrong password', { from: elsewhere() });
    const unknown = await world.login('nobody@example.com', 'wrong password', { from: elsewhere() });
    expect([known.status, unknown.status]).toEqual([401, 401]);
    expect(unknown.text).toBe(known.text);
    const names = (answer: typeof known) => Object.keys(answer.headers).sort();
    expect(names(unknown)).toEqual(names(known));
  });

  test('names are the same in any case', async () => {
    const { email } = await world.person();
    expect((await world.login(email.toUpperCase(), goodPassword, { from: elsewhere() })).status).toBe(200);
  });

  test('a hash with older parameters is replaced, and the session is good', async () => {
    const { hash } = await import('@node-rs/argon2');
    const { id, email } = await world.person();
    const old = await hash(goodPassword, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
    await world.query('UPDATE user_manager.users SET password_hash = $2 WHERE id = $1', [id, old]);
    const answer = await world.login(email, goodPassword, { from: elsewhere() });
    expect(await status(cookieOf(answer))).toBe(200);
    const [row] = await world.query('SELECT password_hash FROM user_manager.users WHERE id = $1', [id]);
    expect(row.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await world.login(email, goodPassword, { from: elsewhere() })).status).toBe(200);
  });
});

describe('throttling', () => {
  const guess = (email: string, from: string, password = 'wrong password') =>
    world.login(email, password, { from });

  test.each(['a known', 'an unknown'])(
    '%s name has so many guesses from one place, also all at once',
    async kind => {
      const email = kind === 'a known' ? (await world.person()).email : 'nobody-at-all@example.com';
      const from = elsewhere();
      const answers = await Promise.all(
        Array.from({ length: guessesPerAccount + 5 }, () => guess(email, from)),
      );
      const statuses = answers.map(answer => answer.status).sort();
      expect(statuses).toEqual([...Array(guessesPerAccount).fill(401), ...Array(5).fill(429)]);
      const refused = answers.find(answer => answer.status === 429);
      expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(800);
      expect(refused?.body.type).toBe('urn:shop:problem:too-many-attempts');
      // Even the right password waits, and from elsewhere nothing has changed.
      expect((await guess(email, from, goodPassword)).status).toBe(429);
      expect((await guess(email, elsewhere(), goodPassword)).status).toBe(kind === 'a known' ? 200 : 401);
    },
  );

  test('one place has so many guesses for all names together', async () => {
    const from = elsewhere();
    await guess('first@example.com', from);
    await world.query(
      "UPDATE user_manager.throttle SET hits = 100 WHERE hits = 1 AND key = sha256(convert_to('login', 'UTF8') || '\\x00'::bytea || convert_to($1, 'UTF8'))",
      [from],
    );
    expect((await guess('second@example.com', from)).status).toBe(429);
    expect((await guess('second@example.com', elsewhere())).status).toBe(401);
  });

  test('a success forgets the guesses before it; time forgets all', async () => {
    const { email } = await world.person();
    const from = elsewhere();
    for (let count = 0; count < 3; count++) {
      for (let wrong = 0; wrong < guessesPerAccount - 1; wrong++) await guess(email, from);
      expect((await guess(email, from, goodPassword)).status).toBe(200);
    }
    await Promise.all(Array.from({ length: guessesPerAccount + 1 }, () => guess(email, from)));
    expect((await guess(email, from, goodPassword)).status).toBe(429);
    await world.query("UPDATE user_manager.throttle SET resets_at = now() - interval '1 second'");
    expect((await guess(email, from, goodPassword)).status).toBe(200);
  });

  test("an address that a client writes before the proxy's own does not count", async () => {
    const from = elsewhere();
    for (let count = 0; count < guessesPerAccount; count++)
      await guess('spoofed@example.com', `203.0.113.${count}, ${from}`);
    expect((await guess('spoofed@example.com', `203.0.113.99, ${from}`)).status).toBe(429);
  });
});

describe('sessions', () => {
  test('are listed and revoked one by one, and only by their owner', async () => {
    const somebody = await world.person();
    const other = await world.person();
    const second = cookieOf(
      await world.login(somebody.email, goodPassword, {
        from: elsewhere(),
        headers: { 'user-agent': 'Lynx' },
      }),
    );
    const { sessions } = (await world.ask('GET', '/auth/sessions', { cookie: somebody.cookie })).body;
    expect(sessions).toHaveLength(2);
    expect(sessions.filter((each: { current: boolean }) => each.current)).toHaveLength(1);
    const lynx = sessions.find((each: { userAgent: string }) => each.userAgent === 'Lynx');

    const revoke = (cookie: string) => world.ask('DELETE', `/auth/sessions/${lynx.id}`, { cookie });
    expect((await revoke(other.cookie)).status).toBe(404);
    expect(await status(second)).toBe(200);
    expect((await revoke(somebody.cookie)).status).toBe(204);
    expect([await status(second), await status(somebody.cookie)]).toEqual([401, 200]);
    expect((await revoke(somebody.cookie)).status).toBe(404);
  });

  test("all of them end at once, and nobody else's", async () => {
    const [somebody, other] = [await world.person(), await world.person()];
    const second = cookieOf(await world.login(somebody.email, goodPassword, { from: elsewhere() }));
    const answer = await world.ask('DELETE', '/auth/sessions', { cookie: second });
    expect([answer.status, cookieOf(answer)]).toEqual([204, '__Host-sid=']);
    expect(await Promise.all([somebody.cookie, second, other.cookie].map(status))).toEqual([401, 401, 200]);
  });

  test('logging out ends one session, twice too', async () => {
    const { cookie } = await world.person();
    for (const _ of [1, 2]) expect((await world.ask('POST', '/auth/logout', { cookie })).status).toBe(204);
    expect(await status(cookie)).toBe(401);
  });
});

describe('requests that another site could send', () => {
  test.each([
    ['no origin', { origin: '' }, '{}', 403],
    ['another origin', { origin: 'https://evil.example.com' }, '{}', 403],
    ['a form', { origin, 'content-type': 'application/x-www-form-urlencoded' }, 'email=a', 415],
    ['plain text', { origin, 'content-type': 'text/plain' }, '{}', 415],
    ['a multipart form', { origin, 'content-type': 'multipart/form-data; boundary=x' }, '--x--', 415],
  ])('%s', async (_, headers, body, expected) => {
    for (const path of ['/auth/login', '/auth/register', '/auth/password', '/auth/logout', '/auth/admin']) {
      const answer = await world.ask('POST', path, { body, headers });
      expect([path, answer.status]).toEqual([path, expected]);
    }
  });
});

test.each(['/auth/logout', '/%61uth/logout', '/auth/%6Cogout', '/auth/logout?x', '/auth/logout#x'])(
  'a change that does not come from a page of ours is refused, however its path is spelt: %s',
  async path => {
    const { cookie } = await world.person();
    const answer = await world.ask('POST', path, { cookie, headers: { origin: 'https://evil.example.com' } });
    expect([answer.status, answer.body.type]).toEqual([403, 'urn:shop:problem:cross-origin']);
    expect((await world.ask('GET', '/auth/me', { cookie })).status).toBe(200);
  },
);
