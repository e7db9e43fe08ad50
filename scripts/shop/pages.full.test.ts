import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  logIn,
  lookIn,
  openBrowser,
  stumblingBlocks,
  stumblingBlocksInBoth,
  themes,
  type Visitor,
  visit,
} from './browser.ts';
import { openClient } from './client.ts';
import { openShop, type Shop } from './open.ts';

/* Every page, in both themes, on a phone and on a desk. */

let shop: Shop;
let browser: Browser;
let visitor: Visitor;
let ids: { product: string; soldOut: string; order: string; user: string; disabled: string };
beforeAll(async () => {
  shop = await openShop();
  browser = await openBrowser(shop.run);
  const { products } = (await shop.client.must('GET', '/products?limit=100')).body;
  const inStock = products.find((each: { stock: number }) => each.stock > 5);
  const soldOut = products.find((each: { stock: number }) => each.stock === 0);
  const lines = [{ productId: inStock.id, quantity: 2 }];
  const order = await shop.client.must('POST', '/orders', { lines }, { 'idempotency-key': 'pages' });
  const { body: me } = await shop.client.must('GET', '/auth/me');
  const somebody = {
    email: 'gone@example.com',
    name: 'Somebody who is gone',
    password: 'four words make one',
  };
  await openClient(shop).must('POST', '/auth/register', somebody);
  const [gone] = (await shop.client.must('GET', '/auth/users?q=gone')).body.users;
  await shop.client.must('PUT', `/auth/users/${gone.id}/disabled`, { disabled: true });
  ids = {
    ...{ product: inStock.id, soldOut: soldOut.id, order: order.body.id },
    ...{ user: me.id, disabled: gone.id },
  };

  visitor = await visit(browser, shop.shopOrigin);
  await visitor.open('/');
  const seen = { name: inStock.name, priceMinor: inStock.priceMinor - 100, currency: 'CHF', imageUrl: null };
  const basket = JSON.stringify(
    [inStock.id, soldOut.id].map(productId => ({ productId, quantity: 1, seen })),
  );
  await visitor.page.evaluate(`localStorage.setItem('basket', ${JSON.stringify(basket)})`);
});
afterAll(() => shop?.close());

const open: Record<string, () => string> = {
  catalogue: () => '/',
  search: () => '/?q=mugg&sort=price',
  'nothing found': () => '/?q=zzzz',
  category: () => '/?category=galley',
  product: () => `/products/${ids.product}`,
  'sold out': () => `/products/${ids.soldOut}`,
  basket: () => '/basket',
  login: () => '/login?ended=1',
  register: () => '/register',
  'forgotten password': () => '/forgotten-password',
  'new password, without a token': () => '/reset-password',
  'new password': () => `/reset-password#${'a'.repeat(43)}`,
  'confirm address': () => '/verify-email',
  'no such page': () => '/no/such/page',
};
const closed: Record<string, () => string> = {
  checkout: () => '/checkout',
  account: () => '/account',
  orders: () => '/orders',
  order: () => `/orders/${ids.order}?placed=1`,
  'office: products': () => '/admin/products',
  'office: new product': () => '/admin/products/new',
  'office: product': () => `/admin/products/${ids.product}`,
  'office: categories': () => '/admin/categories',
  'office: orders': () => '/admin/orders',
  'office: people': () => '/admin/users',
  'office: nobody found': () => '/admin/users?q=zzzz&role=admin',
  'office: account': () => `/admin/users/${ids.user}`,
  'office: account that is disabled': () => `/admin/users/${ids.disabled}`,
  'office: log': () => '/admin/audit-log',
  'office: log of one account': () => `/admin/audit-log?user=${ids.user}&action=logged-in`,
};
const looks = themes.flatMap(theme => [360, 1280].map(width => ({ theme, width })));

describe.each([
  ['everybody', open],
  ['whoever is logged in', closed],
])('for %s', (who, pages) => {
  beforeAll(async () => {
    if (who === 'everybody') return;
    await visitor.open('/login');
    await logIn(visitor, shop.admin);
  });

  test.each(Object.keys(pages).flatMap(name => looks.map(look => ({ name, ...look }))))(
    '$name, $theme, $width pixels wide',
    async ({ name, theme, width }) => {
      const { page } = visitor;
      await lookIn(visitor, theme);
      await page.setViewport({ width, height: 800 });
      await visitor.open(pages[name]?.() ?? '');
      expect(await stumblingBlocks(visitor)).toEqual([]);
      expect(await page.$$eval('h1', headings => headings.length)).toBe(1);
      expect(await page.title()).toMatch(/ · Halyard$/);
      const beyond = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(beyond).toBeLessThanOrEqual(0);
      expect(visitor.complaints()).toEqual([]);
    },
  );
});

test('no page of the router is left out', () => {
  const router = readFileSync(join(import.meta.dirname, '../../services/ui/client/router.ts'), 'utf8');
  const paths = [...router.matchAll(/path: '([^']+)',\s+name:/g)].map(([, path = '']) =>
    path.startsWith('/') ? path : `/admin/${path}`,
  );
  const looked = Object.values({ ...open, ...closed }).map(path => path().split(/[?#]/)[0] ?? '');
  const isLooked = (path: string) => {
    const pattern = path.replace(/:rest.*/, '.+').replace(/:id/, '[0-9a-f-]{36}');
    return looked.some(one => new RegExp(`^${pattern}$`).test(one));
  };
  expect(paths.length).toBeGreaterThan(18);
  expect(paths.filter(path => !isLooked(path))).toEqual([]);
});

test('a dialog keeps the focus, gives it back, and has no serious violation', async () => {
  const { page, press, see } = visitor;
  await visitor.open(`/orders/${ids.order}`);
  await press('Cancel this order');
  await see('Cancel this order?');
  expect(await stumblingBlocksInBoth(visitor)).toEqual([]);
  expect(await page.evaluate("document.activeElement.closest('dialog') !== null")).toBe(true);
  await page.keyboard.press('Escape');
  expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Cancel this order');
});

test('with the keyboard alone: past the header, through a link, to the next page’s heading', async () => {
  const { page, see } = visitor;
  await visitor.open('/');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
  await page.keyboard.press('Enter');
  await page.focus('.card a');
  await page.keyboard.press('Enter');
  await see('Put in the basket');
  await expect.poll(() => page.evaluate('document.activeElement.tagName')).toMatch(/H1|MAIN/);
});

test('the policy of the page lets nothing in from elsewhere', async () => {
  const { page } = visitor;
  await visitor.open('/');
  const blocked = await page.evaluate(`(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.injected = true';
    document.body.append(script);
    const sent = await fetch('https://elsewhere.example/').then(() => true, () => false);
    return { ran: 'injected' in window, sent };
  })()`);
  expect(blocked).toEqual({ ran: false, sent: false });
  expect(visitor.complaints().every(each => /Content Security Policy|Refused|violates/.test(each))).toBe(
    true,
  );
});
