import { expect, test } from 'vitest';
import { targetOf } from './egress.ts';

const routes = [
  { host: 'github.com', target: 'http://127.0.0.1:1' },
  { host: '*.example.com', target: 'http://127.0.0.1:2' },
  { host: 'api.example.com', target: 'http://127.0.0.1:3' },
];

test.each([
  ['github.com:443', '1'],
  ['GitHub.com:443', '1'],
  ['www.example.com:443', '2'],
  ['api.example.com:443', '3'],
  ['api.github.com:443', undefined],
  ['example.com:443', undefined],
  ['a.b.example.com:443', undefined],
  ['github.com:80', undefined],
  ['github.com', undefined],
  ['', undefined],
])('CONNECT %s goes to %s', (authority, port) => {
  expect(targetOf(routes, authority)?.port).toBe(port);
});
