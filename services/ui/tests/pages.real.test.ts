import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createApp } from '../src/app.ts';
import type { Server } from '../src/server/app.ts';

const folder = inject('pages');
let server: Server;
beforeAll(async () => {
  server = await createApp({
    apiOrigin: 'https://api.example.com',
    shopName: 'Tea & Co',
    log: false,
    folder,
  });
});
afterAll(() => server.app.close());

const get = (url: string) => server.app.inject({ method: 'GET', url });

test.each(['/', '/products/0198c1f2', '/orders?page=2', '/login'])(
  '%s is the page, asked for anew each time',
  async path => {
    const { statusCode, headers, body } = await get(path);
    expect([statusCode, headers['cache-control']]).toEqual([200, 'no-cache']);
    expect(headers['content-type']).toMatch(/^text\/html/);
    expect(body).toContain('<div id="app">');
  },
);

test('assets are kept for ever, since their names change with them', async () => {
  const names = await readdir(join(folder, 'assets'));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    expect(name).toMatch(/-[\w-]{8}\.(js|css|woff2)$/);
    const { statusCode, headers } = await get(`/assets/${name}`);
    expect([statusCode, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
  }
});

test.each([
  '/assets/app-00000000.js',
  '/favicon.ico',
  '/assets/',
  '/../package.json',
  '/.npmrc',
  '/%2e%2e/package.json',
])('%s is missing: 404 and no page', async path => {
  const { statusCode, headers, body } = await get(path);
  expect(statusCode).toBe(404);
  expect(headers['cache-control']).toBeUndefined();
  expect(body).not.toContain('<div id="app">');
});

test('the page loads what is there and runs no script of its own', async () => {
  const { body } = await get('/');
  const linked = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(match => match[1] ?? '');
  expect(linked.length).toBeGreaterThan(0);
  for (const path of linked) expect((await get(path)).statusCode).toBe(200);
  expect(body).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|style=/);
});

test.each(['/', '/config.json', '/missing.js', '/healthz'])('%s carries the policy', async path => {
  const { headers } = await get(path);
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'self' https://api.example.com;");
  expect(policy).toContain("script-src 'self';");
  expect(policy).not.toMatch(/unsafe/);
  expect(headers['x-content-type-options']).toBe('nosniff');
});

test("the demonstration's pictures are the shop's own, and may be drawn anew", async () => {
  const { statusCode, headers, body } = await get('/pictures/kettle.svg');
  expect([statusCode, headers['cache-control']]).toEqual([200, 'no-cache']);
  expect(headers['content-type']).toContain('image/svg+xml');
  expect(body).not.toMatch(/<script|<style|style=|(?:href|src)=/);
});

test('the configuration is what everybody may know, and nothing else', async () => {
  const { headers, body } = await get('/config.json');
  expect(headers['cache-control']).toBe('no-cache');
  expect(JSON.parse(body)).toEqual({ apiOrigin: 'https://api.example.com', shopName: 'Tea & Co' });
});
