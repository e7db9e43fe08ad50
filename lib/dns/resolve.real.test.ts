import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolverAt } from './resolve.ts';
import { parseTargets } from './target.ts';

const zone: Record<string, string[]> = {
  'a.example.com': ['203.0.113.1'],
  'both.example.com': ['203.0.113.1', '2001:db8::1'],
  'slipway-status.wild.example.com': ['203.0.113.1'],
  'lb.example.net': ['203.0.113.7'],
  'alias.example.com': ['203.0.113.7'],
  'proxied.example.com': ['104.16.0.1'],
};

/** A DNS server of one zone. https://www.rfc-editor.org/rfc/rfc1035#section-4 */
const server = createSocket('udp4', (query, client) => {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]; length; length = query[at]) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  const name = labels.join('.').toLowerCase();
  if (name === 'silent.example.com') return;
  const question = query.subarray(12, at + 5);
  const type = query.readUInt16BE(at + 1);
  const found = (zone[name] ?? []).filter(address => (type === 28) === isIPv6(address));
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(zone[name] ? 0x8580 : 0x8583, 2);
  header.writeUInt16BE(found.length, 6);
  header.writeUInt32BE(0, 8);
  const answers = found.map(address => {
    const data = isIPv6(address)
      ? Buffer.from('20010db8000000000000000000000001', 'hex')
      : Buffer.from(address.split('.').map(Number));
    const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]);
    return Buffer.concat([head, data]);
  });
  server.send(Buffer.concat([header, question, ...answers]), client.port, client.address);
});
beforeAll(() => new Promise<void>(resolve => server.bind(0, '127.0.0.1', resolve)));
afterAll(() => new Promise<void>(resolve => server.close(resolve)));

const ask = (host: string, target: string, proxied = false) =>
  resolverAt(`127.0.0.1:${server.address().port}`)({
    ...{ host, objects: [], records: [], state: 'as wished', proxied },
    targets: parseTargets(target),
  });

test.each<[string, string, boolean, string]>([
  ['a.example.com', '203.0.113.1', true, '203.0.113.1'],
  ['a.example.com', '203.0.113.2', false, '203.0.113.1'],
  ['a.example.com', '203.0.113.1 203.0.113.2', false, '203.0.113.1'],
  ['both.example.com', '2001:db8:0::1 203.0.113.1', true, '2001:db8::1, 203.0.113.1'],
  ['*.wild.example.com', '203.0.113.1', true, '203.0.113.1'],
  ['alias.example.com', 'lb.example.net', true, '203.0.113.7'],
  ['alias.example.com', 'other.example.net', false, '203.0.113.7'],
  ['none.example.com', '203.0.113.1', false, 'no address'],
])('%s, which is to lead to %s', async (host, target, ok, answer) => {
  expect(await ask(host, target)).toEqual({ ok, answer });
});

test('in front of a proxied name stands somebody else', async () => {
  expect(await ask('proxied.example.com', '203.0.113.1', true)).toEqual({ ok: true, answer: '104.16.0.1' });
  expect(await ask('none.example.com', '203.0.113.1', true)).toEqual({ ok: false, answer: 'no address' });
});

test('a server that does not answer and one that is no address', async () => {
  expect(await ask('silent.example.com', '203.0.113.1')).toEqual({
    ok: false,
    answer: 'no answer (ETIMEOUT)',
  });
  expect(() => resolverAt('dns.example.com')).toThrow(/^The resolver "dns\.example\.com" is no address/);
});
