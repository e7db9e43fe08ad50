import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { logIn, openBrowser, stumblingBlocksInBoth, type Visitor, visit } from './browser.ts';
import { openShop, type Shop } from './open.ts';

/* What administrators do, while others do it too. */

let shop: Shop;
let browser: Browser;
let visitor: Visitor;
beforeAll(async () => {
  shop = await openShop();
  browser = await openBrowser(shop.run);
  visitor = await visit(browser, shop.shopOrigin);
  await visitor.open('/login?next=/admin/products');
  await logIn(visitor, shop.admin);
});
afterAll(() => shop?.close());

const newest = async () => {
  const { body } = await shop.client.must('GET', '/products?limit=1');
  return shop.client.must('GET', `/products/${body.products[0].id}`);
};
/** A colleague, who saves while the form is open. */
const colleague = async (change: object) => {
  const { body, headers } = await newest();
  await shop.client.must('PATCH', `/products/${body.id}`, change, { 'if-match': String(headers.etag) });
};

test('a product is put on the shelves, and what is wrong with it is said first', async () => {
  const { press, fill, see, path, complaints } = visitor;
  await press('New product', 'link');
  await fill('Price in CHF', '12.345');
  await press('Put it on the shelves');
  await see('A product needs a name.');
  await see('An amount like 12.50.');
  await fill('Name', 'Sou’wester');
  await fill('Price in CHF', '48.50');
  await fill('In stock', '8');
  await press('Put it on the shelves');
  await see('In stock: 8');
  expect(path()).toMatch(/^\/admin\/products\/[0-9a-f-]{36}$/);
  expect((await newest()).body).toMatchObject({
    name: 'Sou’wester',
    priceMinor: 4850,
    stock: 8,
    imageUrl: null,
  });
  expect(complaints()).toEqual([]);
});

test('a change that meets somebody else’s is explained, and each side is chosen', async () => {
  const { page, press, fill, see, complaints } = visitor;
  await fill('Name', 'Sou’wester, yellow');
  await fill('Price in CHF', '52');
  await colleague({ priceMinor: 5500, description: 'Oiled cotton.' });
  await press('Save');
  await see('Somebody else has changed this meanwhile');
  await see('Price was CHF 48.50');
  await see('yours CHF 52.00');
  await see('theirs CHF 55.00');
  expect(await stumblingBlocksInBoth(visitor)).toEqual([]);
  expect((await newest()).body.name).toBe('Sou’wester');
  await page.locator('input[name="keep-priceMinor"][value="theirs"]').click();
  await press('Save what is chosen');
  await see('Saved');
  expect((await newest()).body).toMatchObject({
    name: 'Sou’wester, yellow',
    priceMinor: 5500,
    description: 'Oiled cotton.',
  });
  expect(complaints()).toEqual([expect.stringMatching(/^412 \/products\//)]);
});

test.each([
  ['Keep all of mine', 6000],
  ['Take all of theirs', 7000],
])('“%s” leaves the price at %d', async (choice, price) => {
  const { press, fill, see, complaints } = visitor;
  await fill('Price in CHF', '60');
  await colleague({ priceMinor: 7000 });
  await press('Save');
  await press(choice);
  await expect.poll(async () => (await newest()).body.priceMinor).toBe(price);
  await expect
    .poll(() =>
      visitor.page.$eval('input[inputmode=decimal]', input => (input as unknown as { value: string }).value),
    )
    .toBe((price / 100).toFixed(2));
  await see('In stock: 8');
  expect(complaints()).toHaveLength(1);
});

test('a sale meanwhile is no conflict', async () => {
  const { press, fill, see, complaints } = visitor;
  const { body } = await newest();
  const line = { productId: body.id, quantity: 1 };
  await shop.client.must('POST', '/orders', { lines: [line] }, { 'idempotency-key': 'a-sale' });
  await fill('Price in CHF', '61');
  await press('Save');
  await see('Saved');
  expect(complaints()).toEqual([]);
});

test('stock comes and goes with a reason, and the ledger has it', async () => {
  const { press, fill, see, complaints } = visitor;
  await see('In stock: 7');
  await fill('Add or take away', '-9');
  await fill('Why', 'moths');
  await press('Change the stock');
  await see('There are 7 left, and stock cannot be less than nothing.');
  await fill('Add or take away', '-2');
  await press('Change the stock');
  await see('In stock: 5');
  for (const entry of ['−2 moths', '−1 order', '+8 first stock']) await see(entry);
  expect(complaints()).toEqual([expect.stringMatching(/^409 .*stock-adjustments$/)]);
});

test('what was being written is there again after a session that ended', async () => {
  const { press, fill, see, page, complaints } = visitor;
  await fill('Name', 'Sou’wester, red');
  await shop.query('DELETE FROM user_manager.sessions');
  await press('Save');
  await see('Your session has ended');
  await logIn(visitor, shop.admin);
  await see('In stock: 5');
  expect(
    await page.$eval('input[maxlength="200"]', input => (input as unknown as { value: string }).value),
  ).toBe('Sou’wester, red');
  await press('Save');
  await see('Saved');
  expect((await shop.client.ask('GET', '/products?limit=1')).body.products[0].name).toBe('Sou’wester, red');
  expect(complaints().every(each => each.startsWith('401'))).toBe(true);
});

test('orders are sent on their way', async () => {
  const { page, press, see, complaints } = visitor;
  await press('Orders', 'link');
  await visitor.open('/admin/orders');
  await see('1 × Sou’wester');
  await page.locator('tbody button').click();
  await see('On its way');
  expect(complaints()).toEqual([]);
});

test('a product is taken off the shelves', async () => {
  const { open, press, see, path } = visitor;
  const { body } = await shop.client.ask('GET', '/products?limit=1');
  await open(`/admin/products/${body.products[0].id}`);
  await press('Take off the shelves');
  await press('Take it off');
  await see('Whistling kettle');
  expect(path()).toBe('/admin/products');
  expect((await shop.client.ask('GET', `/products/${body.products[0].id}`)).status).toBe(404);
});
