import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newToken, tokenHash } from '../src/tokens.ts';
import { behind, cookieOf, goodPassword, openWorld, type Person, type World } from './world.ts';

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await openWorld();
  admin = await world.person('admin');
});
afterAll(() => world.close());

const ask = (method: string, path: string, body?: object) =>
  world.ask(method, path, { cookie: admin.cookie, body });
const nobody = '0198c1f2-7c3b-7aaa-8a5e-0d9c3b1f2a44';
const statusOf = async (cookie: string) => (await world.ask('GET', '/auth/me', { cookie })).status;
const log = async (query = '') => (await ask('GET', `/auth/audit-log${query}`)).body;

describe('accounts', () => {
  test.each([
    ['GET', '/auth/users'],
    ['GET', `/auth/users/${nobody}`],
    ['GET', `/auth/users/${nobody}/sessions`],
    ['DELETE', `/auth/users/${nobody}/sessions`],
    ['GET', '/auth/audit-log'],
  ])('%s %s is neither for the public nor for customers, and they learn nothing', async (method, path) => {
    const customer = await world.person();
    expect((await world.ask(method, path)).status).toBe(401);
    expect((await world.ask(method, path, { cookie: customer.cookie })).status).toBe(403);
  });

  test('are found by part of an address or a name, whatever the case; signs that mean something do not', async () => {
    const one = await world.person();
    await world.query("UPDATE user_manager.users SET name = 'Grace 100% O''Hopper_' WHERE id = $1", [one.id]);
    const found = async (q: string) =>
      (await ask('GET', `/auth/users?q=${encodeURIComponent(q)}`)).body.users.map(
        ({ id }: Person) => id,
      ) as string[];
    for (const q of ['grace', 'HOPPER', '100%', "o'h", 'r_', one.email.toUpperCase()])
      expect([q, await found(q)]).toEqual([q, [one.id]]);
    for (const q of ['%', '_']) expect([q, await found(q)]).toEqual([q, [one.id]]);
    expect(await found('\\')).toEqual([]);
  });

  test('are narrowed to a role, and pages go on where they ended', async () => {
    const others = [await world.person('admin'), await world.person('admin'), await world.person()];
    const first = (await ask('GET', '/auth/users?role=admin&limit=2')).body;
    expect(first.users.map(({ id }: Person) => id)).toEqual([others[1]?.id, others[0]?.id]);
    await world.person('admin'); // who comes meanwhile is on neither page
    const rest = (await ask('GET', `/auth/users?role=admin&limit=100&after=${first.next}`)).body;
    expect([rest.users.map(({ id }: Person) => id), rest.next]).toEqual([[admin.id], null]);
  });

  test('one is shown without its secrets', async () => {
    const { id, email } = await world.person();
    const answer = await ask('GET', `/auth/users/${id}`);
    expect(answer.body).toEqual({
      ...{ id, email, role: 'customer', emailVerified: false, disabled: false },
      ...{ name: expect.any(String), createdAt: expect.any(String) },
    });
    expect((await ask('GET', `/auth/users/${nobody}`)).status).toBe(404);
    expect((await ask('GET', '/auth/users/me')).status).toBe(404);
  });
});

describe('sessions of somebody', () => {
  test('are seen and ended: theirs, and nobody else’s', async () => {
    const [one, other] = [await world.person(), await world.person()];
    const second = await world.login(one.email, goodPassword, { from: '203.0.113.9' });
    const path = `/auth/users/${one.id}/sessions`;
    const { sessions } = (await ask('GET', path)).body;
    expect(sessions.map(({ address, current }: Record<string, unknown>) => [address, current])).toEqual([
      ['203.0.113.9', false],
      [expect.stringMatching(/^10\./), false],
    ]);
    expect(JSON.stringify(sessions)).not.toContain(second.headers['set-cookie']?.[0]?.slice(11, 54));
    expect((await ask('DELETE', path)).status).toBe(204);
    expect((await ask('GET', path)).body.sessions).toEqual([]);
    expect([await statusOf(one.cookie), await statusOf(other.cookie)]).toEqual([401, 200]);
    expect((await log(`?user=${one.id}`)).entries[0]).toMatchObject({
      action: 'sessions-revoked',
      actor: admin.id,
      actorEmail: admin.email,
      subject: one.id,
      subjectEmail: one.email,
    });
    for (const method of ['GET', 'DELETE'])
      expect((await ask(method, `/auth/users/${nobody}/sessions`)).status).toBe(404);
  });

  test('an administrator’s own are marked, and ending them takes the cookie away', async () => {
    const other = await world.person('admin');
    const path = `/auth/users/${other.id}/sessions`;
    const { body } = await world.ask('GET', path, { cookie: other.cookie });
    expect(body.sessions.map(({ current }: { current: boolean }) => current)).toEqual([true]);
    const ended = await world.ask('DELETE', path, { cookie: other.cookie });
    expect([ended.status, ended.headers['set-cookie']?.[0]]).toEqual([
      204,
      expect.stringMatching(/Max-Age=0/),
    ]);
    expect(await statusOf(other.cookie)).toBe(401);
  });
});

test('a role that somebody has already is no change: they stay logged in, and nothing is written down', async () => {
  const one = await world.person();
  const give = (role: string) => ask('PUT', `/auth/users/${one.id}/role`, { role });
  expect((await give('customer')).status).toBe(204);
  expect(await statusOf(one.cookie)).toBe(200);
  const both = await Promise.all([give('admin'), give('admin')]);
  expect(both.map(({ status }) => status)).toEqual([204, 204]);
  expect(await statusOf(one.cookie)).toBe(401);
  const { entries } = await log(`?user=${one.id}&action=role-changed`);
  expect(entries.map(({ role, actor }: Record<string, unknown>) => [role, actor])).toEqual([
    ['admin', admin.id],
  ]);
});

describe('an account that is disabled', () => {
  const set = (id: string, disabled: boolean, cookie = admin.cookie) =>
    world.ask('PUT', `/auth/users/${id}/disabled`, { cookie, body: { disabled } });

  test('is logged out everywhere, and refused in the words of a wrong password, until it is enabled again', async () => {
    const [one, other] = [await world.person(), await world.person()];
    const second = cookieOf(await world.login(one.email, goodPassword, { from: '203.0.113.20' }));
    expect((await set(one.id, true)).status).toBe(204);
    const alive = await Promise.all([one.cookie, second, other.cookie].map(statusOf));
    expect(alive).toEqual([401, 401, 200]);
    expect((await ask('GET', `/auth/users/${one.id}`)).body.disabled).toBe(true);

    const right = await world.login(one.email, goodPassword, { from: '203.0.113.20' });
    const wrong = await world.login(other.email, 'not the password', { from: '203.0.113.21' });
    const names = ({ headers }: typeof right) => Object.keys(headers).sort();
    expect([right.status, right.text, names(right)]).toEqual([401, wrong.text, names(wrong)]);

    expect((await set(one.id, false)).status).toBe(204);
    expect(await statusOf(one.cookie)).toBe(401); // what was ended stays so
    expect((await world.login(one.email, goodPassword, { from: '203.0.113.20' })).status).toBe(200);
    const { entries } = await log(`?user=${one.id}&limit=4`);
    expect(entries.map(({ action, actor }: Record<string, unknown>) => [action, actor])).toEqual([
      ['logged-in', one.id],
      ['account-enabled', admin.id],
      ['login-failed', null],
      ['account-disabled', admin.id],
    ]);
  });

  test('gets no link that sets a password, and the one it had works no more', async () => {
    const { id, email } = await world.person();
    const links = () => world.mails.filter(({ to, subject }) => to === email && subject === 'A new password');
    const forget = (address: string) =>
      world.ask('POST', '/auth/password/forgotten', { body: { email: address } });
    await forget(email);
    await expect.poll(() => links().length).toBe(1);
    await set(id, true);
    const token = links()[0]?.text.split('#')[1];
    const body = { token, password: 'another good one' };
    expect((await world.ask('POST', '/auth/password/reset', { body })).body.type).toBe(
      'urn:shop:problem:invalid-token',
    );
    expect((await forget(email)).status).toBe(202);
    await forget(admin.email);
    await expect.poll(() => world.mails.at(-1)?.to).toBe(admin.email);
    expect(links().length).toBe(1);
  });

  test('has no session that was opened meanwhile', async () => {
    for (let round = 0; round < 5; round++) {
      const one = await world.person();
      const logins = [1, 2, 3, 4].map(turn =>
        world.login(one.email, goodPassword, { from: `203.0.113.${30 + turn}` }),
      );
      const disabled = set(one.id, true);
      const cookies = (await Promise.all(logins)).map(cookieOf).filter(Boolean);
      expect((await disabled).status).toBe(204);
      for (const cookie of [one.cookie, ...cookies]) expect(await statusOf(cookie)).toBe(401);
      const left = 'SELECT FROM user_manager.sessions WHERE user_id = $1';
      expect(await world.query(left, [one.id])).toEqual([]);
    }
  });

  test('gets no password by a link that was made while it was being disabled', async () => {
    const one = await world.person();
    expect((await set(one.id, true)).status).toBe(204);
    const token = newToken();
    await world.query(
      `INSERT INTO user_manager.one_time_tokens (token_hash, user_id, purpose, expires_at)
        VALUES ($1, $2, 'reset-password', now() + interval '1 minute')`,
      [tokenHash(token), one.id],
    );
    const body = { token, password: 'a new good one' };
    expect((await world.ask('POST', '/auth/password/reset', { body })).status).toBe(400);
  });

  test('is disabled once, however often it is asked; by administrators alone, and by nobody themselves', async () => {
    const [one, customer] = [await world.person(), await world.person()];
    const twice = await Promise.all([set(one.id, true), set(one.id, true)]);
    expect(twice.map(({ status }) => status)).toEqual([204, 204]);
    expect((await log(`?user=${one.id}&action=account-disabled`)).entries).toHaveLength(1);
    expect((await set(one.id, true, customer.cookie)).status).toBe(403);
    expect((await set(one.id, true, '')).status).toBe(401);
    expect((await set(nobody, true)).status).toBe(404);
    for (const id of [admin.id, admin.id.toUpperCase()]) {
      const answer = await set(id, true);
      expect([answer.status, answer.body.type]).toEqual([409, 'urn:shop:problem:own-account']);
    }
    expect(await statusOf(admin.cookie)).toBe(200);
  });

  test('of two administrators who disable each other at once one stays, and may not step down', async () => {
    const both = [await world.person('admin'), await world.person('admin')] as const;
    const ids = both.map(({ id }) => id);
    await world.query("UPDATE user_manager.users SET role = 'customer' WHERE id <> ALL($1)", [ids]);
    const other = await behind(world.databaseUrl);
    await other.query('BEGIN; SELECT FROM user_manager.users FOR UPDATE');
    const answers = Promise.all([
      set(both[1].id, true, both[0].cookie),
      set(both[0].id, true, both[1].cookie),
    ]);
    const waiting = `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
    await expect.poll(async () => (await world.query(waiting))[0].count, { timeout: 4000 }).toBe(2);
    await other.query('ROLLBACK');
    await other.end();
    const [first, second] = await answers;
    expect([first.status, second.status].sort()).toEqual([204, 409]);
    expect([first.body?.type, second.body?.type]).toContain('urn:shop:problem:last-admin');

    const left = both[first.status === 204 ? 0 : 1];
    const body = { role: 'customer' };
    const stepsDown = await world.ask('PUT', `/auth/users/${left.id}/role`, { cookie: left.cookie, body });
    expect([stepsDown.status, stepsDown.body.type]).toEqual([409, 'urn:shop:problem:last-admin']);
    await world.query("UPDATE user_manager.users SET role = 'admin' WHERE id = $1", [admin.id]);
  });
});

describe('the log', () => {
  test('is narrowed to an account, as who did it or to whom, and to what was done', async () => {
    const one = await world.person();
    const person = encodeURIComponent(one.id);
    await world.login(one.email, 'not the password', { from: '203.0.113.10' });
    const all = (await log(`?user=${person}`)).entries.map(({ action }: { action: string }) => action);
    expect(all.toSorted()).toEqual(['logged-in', 'login-failed', 'registered']);
    const failed = await log(`?user=${person}&action=login-failed`);
    expect(failed.entries).toMatchObject([
      { action: 'login-failed', actor: null, actorEmail: null, subject: one.id, subjectEmail: one.email },
    ]);
    expect((await ask('GET', '/auth/audit-log?action=nothing')).status).toBe(400);
    expect((await log(`?user=${nobody}`)).entries).toEqual([]);
  });

  test('goes on where it ended, each entry once, the latest first', async () => {
    const seen: number[] = [];
    for (let before = ''; ; ) {
      const { entries, next } = await log(`?action=logged-in&limit=3${before}`);
      seen.push(...entries.map(({ id }: { id: number }) => id));
      if (next === null) break;
      before = `&before=${next}`;
    }
    expect(seen.length).toBeGreaterThan(5);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a));
  });

  test('outlives what it speaks of', async () => {
    const one = await world.person();
    await world.query('DELETE FROM user_manager.users WHERE id = $1', [one.id]);
    const [entry] = (await log(`?user=${one.id}`)).entries;
    expect([entry.subject, entry.subjectEmail]).toEqual([one.id, null]);
  });
});
