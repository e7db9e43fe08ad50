import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../src/testing/client.ts';
import { cookieOf, goodPassword, openWorld, type World } from './world.ts';

const execute = promisify(execFile);
let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const me = async (cookie: string) => world.ask('GET', '/auth/me', { cookie });
let addresses = 0;
const elsewhere = () => `198.18.${++addresses >> 8}.${addresses & 255}`;
const linkTo = async (email: string, path: string): Promise<string> => {
  const find = () =>
    world.mails.findLast(mail => mail.to === email && mail.text.includes(path))?.text.split('#')[1] ?? '';
  await expect.poll(find).toMatch(/^[\w-]{43}$/);
  return find();
};

describe('registering', () => {
  const register = (body: object) => world.ask('POST', '/auth/register', { body, from: elsewhere() });

  test('tells nobody who is registered, except the address itself', async () => {
    const { email } = await world.person();
    const taken = await register({ email, name: 'Mallory', password: 'another good one' });
    const free = await register({ email: 'new@example.com', name: 'New', password: 'another good one' });
    expect([taken.status, taken.text]).toEqual([202, free.text]);
    await expect
      .poll(() => world.mails.filter(mail => mail.to === email).at(-1)?.subject)
      .toBe('You have an account already');
    expect((await world.login(email, 'another good one', { from: elsewhere() })).status).toBe(401);
    expect((await world.login(email, goodPassword, { from: elsewhere() })).status).toBe(200);
  });

  test('a hundred at once with one address make one account', async () => {
    const body = { email: 'Once@Example.com', name: 'Once', password: goodPassword };
    await Promise.all(Array.from({ length: 20 }, () => register(body)));
    const rows = await world.query(
      "SELECT email FROM user_manager.users WHERE email ILIKE 'once@example.com'",
    );
    expect(rows).toEqual([{ email: 'once@example.com' }]);
  });

  test.each([
    ['too short', { password: 'sh0rt!!' }],
    ['too long', { password: 'x'.repeat(129) }],
    ['common', { password: 'Password123' }],
    ['the address', { password: 'weak@example.com' }],
    ['no address', { email: 'weak' }],
    ['a NUL', { name: 'a\0b' }],
    ["a role of one's own", { role: 'admin' }],
    ['no name', { name: '' }],
  ])('%s: 400', async (_, change) => {
    const answer = await register({
      email: 'weak@example.com',
      name: 'Weak',
      password: goodPassword,
      ...change,
    });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain(String(Object.values(change)[0]).slice(0, 60) || '\0');
    expect(await world.query("SELECT FROM user_manager.users WHERE email = 'weak@example.com'")).toEqual([]);
  });

  test('no composition rules: a sentence, and letters of any alphabet', async () => {
    const password = 'пароль из многих слов';
    expect((await register({ email: 'words@example.com', name: 'Слово', password })).status).toBe(202);
    expect((await world.login('words@example.com', password, { from: elsewhere() })).body.name).toBe('Слово');
  });

  test('the address is confirmed by the link, once', async () => {
    const { email, cookie } = await world.person();
    expect((await me(cookie)).body.emailVerified).toBe(false);
    const first = await linkTo(email, '/verify-email');
    await world.ask('POST', '/auth/me/verification', { cookie });
    await expect.poll(() => linkTo(email, '/verify-email')).not.toBe(first);
    const confirm = (token: string) => world.ask('POST', '/auth/verify-email', { body: { token } });
    expect((await confirm(first)).status).toBe(400);
    const second = await linkTo(email, '/verify-email');
    expect([(await confirm(second)).status, (await confirm(second)).status]).toEqual([204, 400]);
    expect((await me(cookie)).body.emailVerified).toBe(true);
  });
});

describe('passwords', () => {
  const change = (cookie: string, current: string, next: string) =>
    world.ask('POST', '/auth/password', { cookie, body: { current, next } });

  test("changing it ends every session and no other person's", async () => {
    const [somebody, other] = [await world.person(), await world.person()];
    const second = cookieOf(await world.login(somebody.email, goodPassword, { from: elsewhere() }));
    expect((await change(second, 'wrong password', 'a new good one')).status).toBe(403);
    expect((await change(second, goodPassword, 'password1')).status).toBe(400);
    expect((await me(second)).status).toBe(200);
    expect((await change(second, goodPassword, 'a new good one')).status).toBe(204);
    const after = await Promise.all([somebody.cookie, second, other.cookie].map(me));
    expect(after.map(answer => answer.status)).toEqual([401, 401, 200]);
    expect((await world.login(somebody.email, goodPassword, { from: elsewhere() })).status).toBe(401);
    expect((await world.login(somebody.email, 'a new good one', { from: elsewhere() })).status).toBe(200);
  });

  test('no session survives a change that happens while somebody logs in with the old one', async () => {
    for (let round = 0; round < 5; round++) {
      const { email, cookie } = await world.person();
      const logins = Array.from({ length: 4 }, () => world.login(email, goodPassword, { from: elsewhere() }));
      const changed = change(cookie, goodPassword, 'a new good one');
      const cookies = (await Promise.all(logins)).map(cookieOf).filter(Boolean);
      expect((await changed).status).toBe(204);
      const alive = await Promise.all([cookie, ...cookies].map(me));
      expect(alive.map(answer => answer.status)).toEqual(alive.map(() => 401));
    }
  });

  test('whoever has a session may not guess the password for ever', async () => {
    const { cookie } = await world.person();
    const answers = [];
    for (let guess = 0; guess < 11; guess++)
      answers.push(await change(cookie, `guess ${guess}`, 'a new good one'));
    expect(answers.map(answer => answer.status)).toEqual([...Array(10).fill(403), 429]);
  });

  test('a forgotten one is set anew by the link, once, and every session ends', async () => {
    const { email, cookie } = await world.person();
    const forgot = (address: string) =>
      world.ask('POST', '/auth/password/forgotten', { body: { email: address }, from: elsewhere() });
    const [known, unknown] = [await forgot(email), await forgot('nobody@example.com')];
    expect([known.status, known.text]).toEqual([202, unknown.text]);
    const token = await linkTo(email, '/reset-password');
    const reset = (body: object) => world.ask('POST', '/auth/password/reset', { body, from: elsewhere() });
    expect((await reset({ token: 'A'.repeat(43), password: 'a new good one' })).status).toBe(400);
    const twice = await Promise.all([1, 2].map(() => reset({ token, password: 'a new good one' })));
    expect(twice.map(answer => answer.status).sort()).toEqual([204, 400]);
    expect((await me(cookie)).status).toBe(401);
    expect((await world.login(email, 'a new good one', { from: elsewhere() })).status).toBe(200);
    expect(world.mails.some(mail => mail.to === 'nobody@example.com')).toBe(false);
  });

  test('a link that is too old does not work', async () => {
    const { email } = await world.person();
    await world.ask('POST', '/auth/password/forgotten', { body: { email }, from: elsewhere() });
    const token = await linkTo(email, '/reset-password');
    await world.query(
      "UPDATE user_manager.one_time_tokens SET expires_at = now() WHERE purpose = 'reset-password'",
    );
    const answer = await world.ask('POST', '/auth/password/reset', {
      body: { token, password: 'a new good one' },
    });
    expect(answer.body.type).toBe('urn:shop:problem:invalid-token');
  });
});

describe('roles', () => {
  const setRole = (cookie: string, id: string, role: string) =>
    world.ask('PUT', `/auth/users/${id}/role`, { cookie, body: { role } });

  test("the first administrator comes by an operator's token, which works once", async () => {
    const { email, cookie } = await world.person();
    const run = execute(process.execPath, [join(import.meta.dirname, '../src/admin-token.ts')], {
      env: { DATABASE_URL: world.databaseUrl },
    });
    const token = (await run).stdout.trim();
    const become = (who?: string) => world.ask('POST', '/auth/admin', { body: { token }, cookie: who });
    expect((await become()).status).toBe(401);
    expect((await become(cookie)).status).toBe(204);
    expect((await me(cookie)).status).toBe(401); // what was opened as a customer does not become an administrator's
    const again = cookieOf(await world.login(email, goodPassword, { from: elsewhere() }));
    expect((await me(again)).body.role).toBe('admin');
    const other = await world.person();
    expect((await become(other.cookie)).status).toBe(400);
  });

  test('are given by administrators alone, and end the sessions of whom they concern', async () => {
    const [admin, customer] = [await world.person('admin'), await world.person()];
    expect((await setRole(customer.cookie, customer.id, 'admin')).status).toBe(403);
    expect((await setRole('', customer.id, 'admin')).status).toBe(401);
    expect((await setRole(admin.cookie, customer.id, 'admin')).status).toBe(204);
    expect((await me(customer.cookie)).status).toBe(401);
    expect((await setRole(admin.cookie, '0198c1f2-7c3b-7aaa-8a5e-0d9c3b1f2a44', 'admin')).status).toBe(404);
    expect((await setRole(admin.cookie, 'me', 'admin')).status).toBe(404);
    const { entries } = (await world.ask('GET', '/auth/audit-log', { cookie: admin.cookie })).body;
    expect(entries).toContainEqual(
      expect.objectContaining({ action: 'role-changed', actor: admin.id, subject: customer.id }),
    );
  });

  test('the last administrator stays one, also when two step down at once', async () => {
    await world.query("UPDATE user_manager.users SET role = 'customer'");
    const two = [await world.person('admin'), await world.person('admin')];
    const answers = await Promise.all(two.map(({ id, cookie }) => setRole(cookie, id, 'customer')));
    expect(answers.map(answer => answer.status).sort()).toEqual([204, 409]);
  });

  test('accounts are listed page by page', async () => {
    const { cookie } = await world.person('admin');
    const seen: string[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const page: Answer = await world.ask('GET', `/auth/users?limit=5${after && `&after=${after}`}`, {
        cookie,
      });
      seen.push(...page.body.users.map((user: { id: string }) => user.id));
      after = page.body.next;
    }
    const [{ count }] = await world.query('SELECT count(*) FROM user_manager.users');
    expect([seen.length, new Set(seen).size]).toEqual([count, count]);
  });
});

test('a name is changed by its owner', async () => {
  const { cookie } = await world.person();
  const answer = await world.ask('PATCH', '/auth/me', { cookie, body: { name: 'Another' } });
  expect([answer.status, answer.body.name, (await me(cookie)).body.name]).toEqual([
    200,
    'Another',
    'Another',
  ]);
});
