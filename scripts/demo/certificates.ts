import { expectOk } from '../../sandbox/control-plane/api.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Shop } from '../../sandbox/shop.ts';

const namespace = 'traefik';

/**
 * Gives each cluster the certificate that Traefik presents. Elsewhere cert-manager gets it from Let's Encrypt, whom nobody
 * here can reach.
 */
export async function bringCertificates(sandbox: Sandbox, shop: Shop): Promise<void> {
  for (const [environment, domain] of Object.entries(shop.domains)) {
    const cluster = sandbox.controlPlane(`${shop.name}-${environment}`);
    if (!cluster) throw new Error(`${environment} has no cluster`);
    const { certificate, key } = await sandbox.egress.certify([domain, `*.${domain}`]);
    const data = { 'tls.crt': base64(certificate), 'tls.key': base64(key) };
    await expectOk(cluster.api('POST', '/api/v1/namespaces', { metadata: { name: namespace } }));
    await expectOk(
      cluster.api('POST', `/api/v1/namespaces/${namespace}/secrets`, {
        metadata: { name: 'default-certificate' },
        ...{ type: 'kubernetes.io/tls', data },
      }),
    );
  }
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
