import { type Kubectl, unless } from '../kubectl/kubectl.ts';
import { UserError } from '../runner/errors.ts';
import { type Application, applications, type Source } from './application.ts';

/**
 * The root Application says whose cluster it is. With another one's kubeconfig the cluster would become this environment,
 * and all that the other has in it would be pruned.
 * @throws UserError when it reads another repository or another folder than the one that is wanted
 */
export async function checkRoot(cluster: Kubectl, { metadata, spec }: Application): Promise<void> {
  const { name, namespace = 'argocd' } = metadata;
  const read = cluster.get<Application>(applications, name, namespace);
  const live = await unless('UnknownResource', read, undefined);
  const [there, wanted] = [place(live?.spec?.source), place(spec?.source)];
  if (!live || there === wanted) return;
  throw new UserError(
    `The cluster's root Application ${namespace}/${name} reads ${there}, and this run is of ${wanted}: give the kubeconfig of that one's cluster; if the manifests have moved, change the source of the Application in the cluster first`,
  );
}

/** `manifests/environments/staging in https://github.com/acme/platform`; addresses of one repository are one. */
const place = ({ path = '.', repoURL = '' }: Source = {}): string =>
  `${path.replace(/^\.?\/|\/$/g, '')} in ${repoURL.toLowerCase().replace(/\/?(\.git)?\/?$/, '')}`;
