import type { Manifest } from '../kubectl/kubectl.ts';
import type { PlatformFile } from '../platform/platform.ts';
import { manifest, secret } from './secrets.ts';

const name = 'registry';

/**
 * How the cluster pulls the services' private images: a Secret for their registries, and the account that the services' pods
 * run as, which hands it to each pod that names none itself. So a service's manifests need not know whether its image is private.
 * https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#add-imagepullsecrets-to-a-service-account
 *
 * @param token with which the images of all services can be read
 */
export function registryManifests(platform: PlatformFile, token: string): Manifest[] {
  const registries = Object.values(platform.services).map(({ image }) => image.split('/')[0] ?? '');
  // GitHub's registry looks at the token alone; a name must be there.
  const login = { username: 'x-access-token', password: token };
  const auth = Buffer.from(`${login.username}:${token}`).toString('base64');
  const auths = Object.fromEntries([...new Set(registries)].sort().map(each => [each, { ...login, auth }]));
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
