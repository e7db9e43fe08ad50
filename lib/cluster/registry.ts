import type { Manifest } from '../kubectl/kubectl.ts';
import type { PlatformFile } from '../platform/platform.ts';
import { manifest, secret } from './secrets.ts';

const name = 'registry';
const registry = 'ghcr.io';

/**
 * How the cluster pulls the services' private images: a Secret for GitHub's registry, and the account that the services' pods
 * run as, which hands it to each pod that names none itself. So a service's manifests need not know whether its image is private.
 * https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#add-imagepullsecrets-to-a-service-account
 *
 * @param token GitHub's, with which the images there can be read: no other registry gets to see it
 * @returns nothing when no image is there
 */
export function registryManifests(platform: PlatformFile, token: string): Manifest[] {
  const images = Object.values(platform.services).map(({ image }) => image);
  if (!images.some(image => image.startsWith(`${registry}/`))) return [];
  // The registry looks at the token alone; a name must be there.
  const login = { username: 'x-access-token', password: token };
  const auth = Buffer.from(`${login.username}:${token}`).toString('base64');
  const auths = { [registry]: { ...login, auth } };
  const namespace = platform.name;
  return [
    manifest(
      secret({
        ...{ namespace, name, type: 'kubernetes.io/dockerconfigjson' },
        values: { '.dockerconfigjson': JSON.stringify({ auths }) },
      }),
    ),
    manifest({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { namespace, name: 'default' },
      ...{ imagePullSecrets: [{ name }] },
    }),
  ];
}
