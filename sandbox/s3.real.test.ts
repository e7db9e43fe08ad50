import { afterAll, expect, test } from 'vitest';
import { openRun } from './run.ts';
import { s3 } from './s3.ts';

const run = openRun();
afterAll(() => run.close());

test('an object is written once when it must not exist, and read back', async () => {
  const { url } = await s3(run);
  const object = `${url}/shop-state/staging/terraform.tfstate`;
  const put = (body: string, headers = {}) => fetch(object, { method: 'PUT', body, headers });
  const once = { 'if-none-match': '*' };

  expect((await fetch(object)).status).toBe(404);
  expect((await put('first', once)).status).toBe(200);
  expect((await put('second', once)).status).toBe(412);
  expect(await (await fetch(object)).text()).toBe('first');
  expect((await put('third')).status).toBe(200);
  expect(await (await fetch(object)).text()).toBe('third');

  expect((await fetch(object, { method: 'DELETE' })).status).toBe(204);
  expect((await put('fourth', once)).status).toBe(200);
});
