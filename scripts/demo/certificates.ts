import { setTimeout as sleep } from 'node:timers/promises';
import { expectOk } from '../../sandbox/control-plane/api.ts';
import type { ControlPlane } from '../../sandbox/control-plane/index.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Shop } from '../../sandbox/shop.ts';

const namespace = 'traefik';

/**
 * Gives each cluster, as soon as it is there, the certificate that Traefik presents. Elsewhere cert-manager gets it from Let's Encrypt, whom nobody
 * here can reach.
 */
export async function bringCertificates(sandbox: Sandbox, shop: Shop): Promise<void> {
  for (const [environment, domain] of Object.entries(shop.domains)) {
    const cluster = await running(sandbox, `${shop.name}-${environment}`);
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

async function running(sandbox: Sandbox, name: string): Promise<ControlPlane> {
  for (; !sandbox.run.broken.aborted; await sleep(100)) {
    const cluster = sandbox.controlPlane(name);
    if (cluster) return cluster;
  }
  throw sandbox.run.broken.reason;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
