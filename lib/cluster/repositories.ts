import type { Manifest } from '../kubectl/kubectl.ts';
import type { PlatformFile } from '../platform/platform.ts';
import { manifest, secret } from './secrets.ts';

/**
 * The Secrets by which Argo CD reads private repositories, one an owner: a template that holds for whatever begins with
 * its address, as text. https://argo-cd.readthedocs.io/en/stable/operator-manual/argocd-repo-creds-yaml/
 *
 * @param token with which the repositories of the platform and of its services can be read
 */
export const repositoryManifests = (
  { repository, services }: PlatformFile,
  token: string,
  namespace: string,
): Manifest[] =>
  owners([repository, ...Object.values(services).map(service => service.repository)]).map(url =>
    manifest(
      secret({
        namespace,
        name: `repositories-${new URL(url).pathname.slice(1, -1).replace(/[^a-z0-9]+/g, '-')}`,
        labels: { 'argocd.argoproj.io/secret-type': 'repo-creds' },
        values: { type: 'git', url, username: 'x-access-token', password: token },
      }),
    ),
  );

/**
 * `https://github.com/acme/ui` → `https://github.com/acme/`, each once; GitHub and Argo CD take no notice of case. Without
 * the slash at its end the token would be shown to `acme-evil` as well.
 */
function owners(repositories: readonly string[]): string[] {
  const urls = repositories.map(each => {
    const { origin, pathname } = new URL(each);
    return `${origin}/${pathname.split('/')[1]?.toLowerCase()}/`;
  });
  return [...new Set(urls)].sort();
}
