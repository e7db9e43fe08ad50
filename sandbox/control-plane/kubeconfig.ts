import { stringify } from 'yaml';
import type { Pair } from '../certificates.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A kubeconfig that needs no other file. */
export function kubeconfig(name: string, server: string, ca: string, user: string, client: Pair): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [
      {
        name: user,
        user: {
          'client-certificate-data': base64(client.certificate),
          'client-key-data': base64(client.key),
        },
      },
    ],
    contexts: [{ name: `${user}@${name}`, context: { cluster: name, user } }],
    'current-context': `${user}@${name}`,
  });
}
