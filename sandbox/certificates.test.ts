import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { certificateAuthority } from './certificates.ts';

const authority = await certificateAuthority('Test');
const root = new X509Certificate(authority.certificate);

test('a server certificate holds exactly its names and the authority vouches for it', async () => {
  const leaf = new X509Certificate(
    (await authority.server(['*.example.com', 'api.example.org', '127.0.0.1'])).certificate,
  );
  expect(leaf.checkIssued(root) && leaf.verify(root.publicKey)).toBe(true);
  expect(leaf.ca).toBe(false);
  expect(leaf.subjectAltName).toBe('DNS:*.example.com, DNS:api.example.org, IP Address:127.0.0.1');
  expect(leaf.checkHost('deep.www.example.com')).toBeUndefined();
});

test('a client certificate says who for how long', async () => {
  const { certificate, key } = await authority.client({
    user: 'a, b=c',
    groups: ['system:masters', 'ops'],
    ttlSeconds: 90,
  });
  const leaf = new X509Certificate(certificate);
  expect(leaf.subject.split('\n')).toEqual(['CN=a\\, b=c', 'O=system:masters', 'O=ops']);
  expect(leaf.validToDate.getTime() - Date.now()).toBeGreaterThan(80_000);
  expect(leaf.validToDate.getTime() - Date.now()).toBeLessThanOrEqual(90_000);
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----/);
});

test('another authority of the same name does not vouch', async () => {
  const stranger = new X509Certificate((await certificateAuthority('Test')).certificate);
  const leaf = new X509Certificate((await authority.server(['x.example.com'])).certificate);
  expect(leaf.verify(stranger.publicKey)).toBe(false);
});
