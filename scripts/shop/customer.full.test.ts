import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  logIn,
  openBrowser,
  password,
  register,
  stumblingBlocksInBoth,
  type Visitor,
  visit,
} from './browser.ts';
import { openShop, type Shop } from './open.ts';

/* What customers do, in a real browser, through real Traefik, on real services. */

let shop: Shop;
let browser: Browser;
let visitor: Visitor;
beforeAll(async () => {
  shop = await openShop();
  browser = await openBrowser(shop.run);
});
afterAll(() => shop?.close());
afterEach(() => visitor.page.browserContext().close());

const arrive = async () => {
  visitor = await visit(browser, shop.shopOrigin);
  return visitor;
};
const address = () => `ada-${randomUUID()}@example.com`;

const productNamed = async (name: string): Promise<{ id: string; stock: number; priceMinor: number }> => {
  const { body } = await shop.client.must('GET', `/products?q=${encodeURIComponent(name)}`);
  return body.products.find((product: { name: string }) => product.name === name);
};
const setStock = async (name: string, stock: number) => {
  const product = await productNamed(name);
  if (product.stock === stock) return;
  const body = { delta: stock - product.stock, reason: 'test' };
  await shop.client.must('POST', `/products/${product.id}/stock-adjustments`, body);
};
/** How many orders somebody has, seen from behind. */
const ordersOf = async (email: string) => {
  const rows = await shop.query<{ count: number }>(
    `SELECT count(*)::int FROM product.orders o JOIN user_manager.users u ON u.id = o.user_id WHERE u.email = $1`,
    [email],
  );
  return rows[0]?.count;
};
const putInBasket = async ({ open, press, see }: Visitor, name: string) => {
  await open(`/products/${(await productNamed(name)).id}`);
  await press('Put in the basket');
  await see('in your basket');
};

test('a visitor browses, searches, registers, orders and sees the order', async () => {
  const { page, open, press, see, path, complaints } = await arrive();
  const email = address();
  await open('/');
  await see('24 products on this page');
  await press('More →');
  await see('Harbour chart');
  expect(path()).toContain('cursor=');
  await press('← Back');
  await see('Whistling kettle');

  await page.locator('input[type=search]').fill('enamle');
  await page.keyboard.press('Enter');
  await see('Enamel mug, red');
  expect(path()).toBe('/?q=enamle');
  await press('Enamel mug, red', 'link');
  await see('Steel under glass');
  expect(await page.title()).toBe('Enamel mug, red · Halyard');
  await press('One more: Enamel mug, red');
  await press('Put in the basket');
  await see('2 in your basket');
  await page.reload({ waitUntil: 'networkidle0' });
  await see('2 in your basket');

  await press('Basket, 2 pieces', 'link');
  await see('At today’s prices');
  await press('To the checkout', 'link');
  await see('New here?');
  await register(visitor, email);
  expect(path()).toBe('/checkout');
  const before = (await productNamed('Enamel mug, red')).stock;
  await press('Order for CHF 32.00', 'button', 3);
  await see('Thank you');
  await see('It is being packed.');
  expect(path()).toMatch(/^\/orders\/[0-9a-f-]{36}\?placed=1$/);
  await see('Basket 0');
  expect(await ordersOf(email)).toBe(1);
  expect((await productNamed('Enamel mug, red')).stock).toBe(before - 2);

  await press('Orders', 'link');
  await see('2 × Enamel mug, red');
  await page.locator('.order a').click();
  await press('Cancel this order');
  await see('Cancel this order?');
  await press('Cancel the order');
  await see('Cancelled');
  expect((await productNamed('Enamel mug, red')).stock).toBe(before);
  expect(complaints()).toEqual([]);
});

test('what sells out at the checkout is explained line by line, and mended', async () => {
  const { open, press, see, complaints } = await arrive();
  const email = address();
  await setStock('Iron pan', 3);
  await setStock('Life ring', 2);
  await open('/login?next=/');
  await register(visitor, email);
  await putInBasket(visitor, 'Iron pan');
  await press('One more: Iron pan');
  await press('Put in the basket');
  await see('which is all there is');
  await putInBasket(visitor, 'Life ring');
  await putInBasket(visitor, 'Four pencils');
  await press('Basket, 5 pieces', 'link');
  await press('To the checkout', 'link');
  await see('Order for CHF 319.50');
  await setStock('Iron pan', 1);
  await setStock('Life ring', 0);
  await press('Order for CHF 319.50');
  await see('Somebody was faster');
  await see('Iron pan: you want 3, there are 1');
  await see('Life ring: you want 1, there is none left');
  expect(await stumblingBlocksInBoth(visitor)).toEqual([]);
  expect(await ordersOf(email)).toBe(0);
  await press('Take what there is');
  await press('Order for CHF 82.50');
  await see('Thank you');
  expect(await ordersOf(email)).toBe(1);
  expect(complaints()).toEqual(['409 /orders']);
});

test('a session that ends at the checkout leads to the login and back, with the basket whole', async () => {
  const { open, press, see, path, complaints } = await arrive();
  const email = address();
  await open('/login');
  await register(visitor, email);
  await putInBasket(visitor, 'Log book');
  await open('/checkout');
  await see('Order for CHF 24.00');
  await shop.query(
    'DELETE FROM user_manager.sessions s USING user_manager.users u WHERE u.id = s.user_id AND u.email = $1',
    [email],
  );
  await press('Order for CHF 24.00');
  await see('Your session has ended');
  await see('with your basket as it was');
  await logIn(visitor, { email, password });
  expect(path()).toBe('/checkout');
  await press('Order for CHF 24.00');
  await see('Thank you');
  expect(await ordersOf(email)).toBe(1);
  expect(complaints()).toEqual(['401 /orders']);
});

test('an order whose answer is lost is taken once', async () => {
  const { page, open, press, see } = await arrive();
  const email = address();
  await open('/login');
  await register(visitor, email);
  await putInBasket(visitor, 'Sketch book');
  await open('/checkout');
  await see('Order for CHF 21.00');
  const wire = await page.createCDPSession();
  await wire.send('Fetch.enable', { patterns: [{ urlPattern: '*/orders', requestStage: 'Response' }] });
  const keys: (string | undefined)[] = [];
  wire.on('Fetch.requestPaused', async ({ requestId, request }) => {
    if (request.method !== 'POST') return wire.send('Fetch.continueRequest', { requestId });
    keys.push(request.headers['Idempotency-Key'] ?? request.headers['idempotency-key']);
    if (keys.length > 2) return wire.send('Fetch.continueRequest', { requestId });
    return wire.send('Fetch.failRequest', { requestId, errorReason: 'ConnectionReset' });
  });
  await press('Order for CHF 21.00');
  await see('It is the same order: it is taken once.');
  await see('Thank you');
  expect(new Set(keys).size).toBe(1);
  expect([keys.length, await ordersOf(email)]).toEqual([3, 1]);
});

test('an address is confirmed and a password set anew by the links in the mails', async () => {
  const { open, press, see, fill, complaints } = await arrive();
  const email = address();
  const link = async (path: string) => {
    const log = join(shop.run.folder, 'logs/user-manager.log');
    const find = () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter(line => line.includes(email))
        .map(line => new RegExp(`${path}#[\\w-]{43}`).exec(line)?.[0])
        .findLast(Boolean);
    await expect.poll(find).toBeTruthy();
    return find() ?? '';
  };
  await open('/login');
  await register(visitor, email);
  await open('/account');
  await see('not confirmed');
  await open(await link('/verify-email'));
  await see('Your address is confirmed.');
  await open('/account');
  await see('confirmed');

  await press('Log out');
  await see('Log in');
  await open('/forgotten-password');
  await fill('E-mail address', email);
  await press('Send the link');
  await see('Look into your mail');
  await open(await link('/reset-password'));
  await fill('New password', 'another four words');
  await press('Set it');
  await see('Your password is changed');
  await logIn(visitor, { email, password: 'another four words' });
  expect(complaints()).toEqual([]);
});

test('whoever is offline is told, and what could not be loaded is loaded when they are back', async () => {
  const { page, open, see } = await arrive();
  await open('/');
  await see('Whistling kettle');
  await page.setOfflineMode(true);
  await see('You are offline. What you see may be old');
  await page.locator('input[type=search]').fill('compass');
  await page.keyboard.press('Enter');
  await see('This is loaded as soon as you are connected again.');
  await page.setOfflineMode(false);
  await see('Pocket compass');
});

test('what is being loaded leaves its outline, what cannot be loaded says so, and “Try again” loads it', async () => {
  const { page, open, press, see } = await arrive();
  await open('/basket');
  const wire = await page.createCDPSession();
  let fate: 'waits' | 'fails' | 'passes' = 'waits';
  const waiting: string[] = [];
  const decide = (requestId: string) => {
    if (fate === 'waits') return waiting.push(requestId);
    if (fate === 'passes') return wire.send('Fetch.continueRequest', { requestId });
    return wire.send('Fetch.failRequest', { requestId, errorReason: 'ConnectionRefused' });
  };
  wire.on('Fetch.requestPaused', ({ requestId }) => decide(requestId));
  await wire.send('Fetch.enable', { patterns: [{ urlPattern: '*/products?*' }] });
  const animation = () => page.evaluate("getComputedStyle(document.querySelector('.bone')).animationName");

  await page.locator('header a[href="/"]').click();
  await expect.poll(() => waiting.length).toBeGreaterThan(0);
  await page.waitForSelector('.bone');
  expect(await animation()).toBe('none'); // somebody asked for less motion
  await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'no-preference' }]);
  expect(await animation()).toMatch(/^breathe/);
  fate = 'fails';
  await Promise.all(waiting.map(decide));
  await see('The shop does not answer');
  fate = 'passes';
  await press('Try again');
  await see('Whistling kettle');
  expect(await page.$$eval('.bone', bones => bones.length)).toBe(0);
});

test('shelves have addresses, and empty ones a way out', async () => {
  const { open, press, see, path, page, complaints } = await arrive();
  await open('/?sort=price');
  await page.locator('a[href*="category=galley"]').click();
  await see('Enamel mug, red');
  expect(path()).toBe('/?sort=price&category=galley');
  await page.select('#sort', 'name');
  await page.waitForFunction("location.search.includes('sort=name')");
  await page.reload({ waitUntil: 'networkidle0' });
  expect(await page.$eval('#sort', select => (select as unknown as { value: string }).value)).toBe('name');
  await open('/?q=zzzz');
  await see('Nothing by that name');
  await press('Show everything', 'link');
  await see('Whistling kettle');
  expect(complaints()).toEqual([]);
});

test('what is nearly gone says how much there is, and what is gone cannot be bought', async () => {
  const { open, see, page, complaints } = await arrive();
  await setStock('Log book', 2);
  const { id } = await productNamed('Log book');
  await open(`/products/${id}`);
  await see('Only 2 left');
  await setStock('Log book', 0);
  await open('/?q=log+book');
  await see('Sold out');
  await open(`/products/${id}`);
  await see('There is none left.');
  expect(await page.$$eval('form.buy', forms => forms.length)).toBe(0);
  await setStock('Log book', 9);
  expect(complaints()).toEqual([]);
});

test('a basket is read out, outlives a reload, and is priced anew', async () => {
  const { open, see, page, complaints } = await arrive();
  const { id, priceMinor } = await productNamed('Four pencils');
  await putInBasket(visitor, 'Four pencils');
  await page.waitForFunction(
    "document.querySelector('[aria-live=polite]').textContent === 'Four pencils: 1 piece added. The basket holds 1.'",
  );
  const change = async (price: number) => {
    const { headers } = await shop.client.must('GET', `/products/${id}`);
    await shop.client.must(
      'PATCH',
      `/products/${id}`,
      { priceMinor: price },
      { 'if-match': String(headers.etag) },
    );
  };
  await change(priceMinor + 150);
  await open('/basket');
  await see(`It was CHF ${(priceMinor / 100).toFixed(2)} when you put it in.`);
  await see(`CHF ${((priceMinor + 150) / 100).toFixed(2)} each`);
  await change(priceMinor);
  expect(complaints()).toEqual([]);
});

test('what is wrong is said beside its field, and belongs to it', async () => {
  const { open, press, fill, see, page, complaints } = await arrive();
  await open('/register');
  await fill('Your name', 'Ada');
  await fill('E-mail address', address());
  await fill('Password', 'password123');
  await press('Register');
  await see('This password is among those that are tried first');
  const [invalid, text] = await page.$eval('input[type=password]', input => {
    const field = input as unknown as { getAttribute(name: string): string; ownerDocument: never };
    const owner = field.ownerDocument as { getElementById(id: string): { textContent: string } | null };
    return [
      field.getAttribute('aria-invalid'),
      owner.getElementById(field.getAttribute('aria-describedby'))?.textContent,
    ];
  });
  expect([invalid, text]).toEqual(['true', expect.stringContaining('Choose another.')]);
  expect(complaints()).toEqual(['400 /auth/register']);
});
