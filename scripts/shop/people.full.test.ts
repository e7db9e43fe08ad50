import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { logIn, openBrowser, stumblingBlocksInBoth, type Visitor, visit } from './browser.ts';
import { type Client, openClient } from './client.ts';
import { openShop, type Shop } from './open.ts';

/* What administrators do with accounts, and what they read of it, while a colleague does it too. */

let shop: Shop;
let browser: Browser;
let visitor: Visitor;
const grace = { email: 'grace@example.com', name: 'Grace Hopper', password: 'four words make one' };
let customer: { id: string; client: Client };
beforeAll(async () => {
  shop = await openShop();
  browser = await openBrowser(shop.run);
  customer = await join(grace);
  visitor = await visit(browser, shop.shopOrigin);
  await visitor.open('/login?next=/admin/users');
  await logIn(visitor, shop.admin);
});
afterAll(() => shop?.close());

async function join(person: typeof grace): Promise<{ id: string; client: Client }> {
  const client = openClient(shop);
  await client.must('POST', '/auth/register', person);
  const { email, password } = person;
  const { body } = await client.must('POST', '/auth/login', { email, password });
  return { id: body.id, client };
}
const roleOf = async ({ id }: { id: string }) =>
  (await shop.client.must('GET', `/auth/users/${id}`)).body.role;

test('accounts are found by part of a name, and by role; what is looked for stands in the address', async () => {
  const { page, press, see, path, complaints } = visitor;
  await see('grace@example.com');
  await see('harbourmaster@example.com');
  await page.locator('#q').fill('HOPP');
  await press('Search');
  await page.waitForFunction("document.querySelectorAll('tbody tr').length === 1");
  expect(path()).toBe('/admin/users?q=HOPP');
  await page.select('#role', 'admin');
  await see('Nobody of that name');
  expect(path()).toBe('/admin/users?q=HOPP&role=admin');
  await press('Show everybody', 'link');
  await see('harbourmaster@example.com');
  await page.goBack();
  await see('Nobody of that name');
  await page.select('#role', '');
  await press('Grace Hopper', 'link');
  await see('Here since');
  expect(path()).toBe(`/admin/users/${customer.id}`);
  expect(await page.title()).toBe('Grace Hopper · Halyard');
  expect(complaints()).toEqual([]);
});

test('many are shown page by page', async () => {
  await shop.query(
    `INSERT INTO user_manager.users (id, email, name, password_hash)
     SELECT gen_random_uuid(), 'sailor-' || n || '@example.com', 'Sailor ' || n, '-' FROM generate_series(1, 60) AS n`,
  );
  const { page, open, press, complaints } = visitor;
  await open('/admin/users?q=sailor-');
  expect(await page.$$eval('tbody tr', rows => rows.length)).toBe(50);
  await press('More');
  await page.waitForFunction("document.querySelectorAll('tbody tr').length === 60");
  expect(await page.$$eval('main button.more', buttons => buttons.length)).toBe(0);
  expect(complaints()).toEqual([]);
});

test('somebody is logged out everywhere, after a question', async () => {
  const { open, press, see, complaints } = visitor;
  await open(`/admin/users/${customer.id}`);
  await see('Logged in');
  await press('Log out everywhere');
  await see('has to log in again');
  await press('Leave it');
  expect((await customer.client.ask('GET', '/auth/me')).status).toBe(200);
  await press('Log out everywhere');
  await visitor.page.locator('dialog[open] .danger').click();
  await see('Nowhere at the moment.');
  await see('Logged out everywhere');
  expect((await customer.client.ask('GET', '/auth/me')).status).toBe(401);
  expect(complaints()).toEqual([]);
});

test('an account is disabled after a question, and its owner told no more than of a wrong password, until it is enabled again', async () => {
  const { open, press, see, complaints } = visitor;
  const owner = await visit(browser, shop.shopOrigin);
  await owner.open('/login?next=/orders');
  await logIn(owner, grace);
  await open(`/admin/users/${customer.id}`);
  await press('Disable this account');
  await see('cannot log in until the account is enabled again');
  expect(await stumblingBlocksInBoth(visitor)).toEqual([]);
  await press('Disable it');
  await see('Disabled the account');
  await see('Nowhere at the moment.');

  await owner.open('/orders');
  await owner.fill('E-mail address', grace.email);
  await owner.fill('Password', grace.password);
  await owner.press('Log in');
  await owner.see('The address or the password is wrong.');
  await open('/admin/users?q=grace');
  await see('disabled');
  await press('Grace Hopper', 'link');
  await press('Enable this account');
  await see('Enabled the account again');
  await owner.press('Log in');
  await owner.see('Nothing ordered yet');
  expect(complaints()).toEqual([]);
  expect(owner.complaints().every(each => each.startsWith('401 '))).toBe(true);
});

test('a role is given, and the log says by whom', async () => {
  const { press, see, page, complaints } = visitor;
  await press('Make an administrator');
  await see('has the new role after the next login');
  await page.locator('dialog[open] .danger').click();
  await see('Make a customer');
  await see('Changed the role: now Administrator');
  expect(await roleOf(customer)).toBe('admin');
  expect(complaints()).toEqual([]);
});

test('what a colleague was faster with is said, and nothing is done', async () => {
  const { press, see, page, complaints } = visitor;
  await shop.client.must('PUT', `/auth/users/${customer.id}/role`, { role: 'customer' });
  await press('Make a customer');
  await page.locator('dialog[open] .danger').click();
  await see('Somebody else has changed this meanwhile');
  await see('Grace Hopper has the role “Customer” now. You have changed nothing.');
  await see('Make an administrator');
  expect(await roleOf(customer)).toBe('customer');
  expect(complaints()).toEqual([]);
});

test('the last administrator stays one, and is told why', async () => {
  const { open, press, see, page, complaints } = visitor;
  const { body: me } = await shop.client.must('GET', '/auth/me');
  await open(`/admin/users/${me.id}`);
  await see('only another administrator can disable your account');
  await press('Make a customer');
  await see('you are logged out, and the office is closed to you');
  await page.locator('dialog[open] .danger').click();
  await see('The last administrator');
  await see('Make somebody else an administrator first.');
  expect(await roleOf(me)).toBe('admin');
  expect(complaints()).toEqual([expect.stringMatching(/^409 .*\/role$/)]);
});

test('the log is narrowed to what was done and to whom, and goes on', async () => {
  const { page, open, press, see, path, complaints } = visitor;
  await open(`/admin/users/${customer.id}`);
  await press('All of it in the log', 'link');
  await see('Of Grace Hopper alone');
  await see('Registered');
  await page.select('#action', 'role-changed');
  await page.waitForFunction("document.querySelectorAll('tbody tr').length === 2");
  expect(path()).toBe(`/admin/audit-log?user=${customer.id}&action=role-changed`);
  await see('Changed the role: now Administrator harbourmaster@example.com grace@example.com');
  await press('Show everybody', 'link');
  await page.select('#action', '');
  await shop.query(
    `INSERT INTO user_manager.audit_log (action, address) SELECT 'login-failed', '192.0.2.' || n FROM generate_series(1, 60) AS n`,
  );
  await open('/admin/audit-log?action=login-failed');
  await see('192.0.2.60');
  expect(await page.$$eval('tbody tr', rows => rows.length)).toBe(50);
  await press('Older entries');
  await see('192.0.2.1');
  expect(complaints()).toEqual([]);
});

test('an account that is not there, and a customer who asks: no such page', async () => {
  const { open, see, complaints } = visitor;
  await open('/admin/users/0198c1f2-7c3b-7aaa-8a5e-0d9c3b1f2a44');
  await see('There is no such account');
  expect([...new Set(complaints().map(each => each.slice(0, 3)))]).toEqual(['404']);
  const other = await visit(browser, shop.shopOrigin);
  await other.open('/login?next=/admin/users');
  await logIn(other, grace);
  await other.see('There is no such page');
  expect((await customer.client.ask('GET', '/auth/users')).status).toBe(401);
  await customer.client.must('POST', '/auth/login', { email: grace.email, password: grace.password });
  for (const path of ['/auth/users', '/auth/audit-log', `/auth/users/${customer.id}`])
    expect((await customer.client.ask('GET', path)).status).toBe(403);
});
