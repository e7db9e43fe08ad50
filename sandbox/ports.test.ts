import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort, onFreePort } from './ports.ts';

test('no port is handed out twice, none where outgoing connections or NodePorts may be', async () => {
  const ports = await Promise.all(Array.from({ length: 200 }, freePort));
  expect(new Set(ports).size).toBe(200);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
  expect(Math.max(...ports)).toBeLessThan(30_000);
});

test('a port that was taken between the look and the start is given up for another', async () => {
  const tried: number[] = [];
  const server = await onFreePort(async port => {
    tried.push(port);
    const listen = () => createServer().listen(port, '127.0.0.1');
    const thief = tried.length === 1 ? listen() : undefined;
    const server = listen();
    try {
      await once(server, 'listening');
      return server;
    } finally {
      thief?.close();
    }
  });
  expect(tried).toHaveLength(2);
  server.close();
});

test('any other failure is passed on at once', async () => {
  let attempts = 0;
  const start = onFreePort(async () => {
    attempts++;
    throw new Error('no such file');
  });
  await expect(start).rejects.toThrow('no such file');
  expect(attempts).toBe(1);
});
