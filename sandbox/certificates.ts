import 'reflect-metadata'; // what @peculiar/x509 builds on wants it loaded first
import type { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** Both in PEM. */
export interface Pair {
  certificate: string;
  key: string;
}

/** Who a client certificate says its bearer is, as Kubernetes reads it: user from CN, groups from O. */
export interface Subject {
  user: string;
  groups: string[];
  ttlSeconds: number;
}

export interface Authority extends Pair {
  /** For a server of these DNS names (`*.example.com` too) and IP addresses; of less than no seconds it has expired. */
  server(names: string[], seconds?: number): Promise<Pair>;
  client(subject: Subject): Promise<Pair>;
}

const signature = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const days = 24 * 60 * 60;
const sandboxLife = 90 * days;

const makeKeys = () => crypto.subtle.generateKey(signature, true, ['sign', 'verify']);
const keyPem = async (keys: webcrypto.CryptoKeyPair) =>
  PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');

/** A certificate authority of its own for one sandbox. */
export async function certificateAuthority(name: string): Promise<Authority> {
  const keys = await makeKeys();
  const root = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: signature,
    ...lasting(sandboxLife),
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });

  async function issue(subject: JsonName, seconds: number, ...extensions: Extension[]): Promise<Pair> {
    const own = await makeKeys();
    const certificate = await X509CertificateGenerator.create({
      subject,
      issuer: root.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: signature,
      ...lasting(seconds),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        ...extensions,
      ],
    });
    return { certificate: certificate.toString('pem'), key: await keyPem(own) };
  }

  return {
    certificate: root.toString('pem'),
    key: await keyPem(keys),
    server: (names, seconds = sandboxLife) =>
      issue(
        [{ CN: [names[0] ?? name] }],
        seconds,
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(
          names.map(value => ({ type: isIP(value) ? 'ip' : 'dns', value }) as const),
        ),
      ),
    client: ({ user, groups, ttlSeconds }) =>
      issue(
        [{ CN: [user] }, ...groups.map(group => ({ O: [group] }))],
        ttlSeconds,
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
      ),
  };
}

/** A minute into the past as well: certificates count whole seconds, and some clocks are late. */
function lasting(seconds: number) {
  return { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + seconds * 1000) };
}
