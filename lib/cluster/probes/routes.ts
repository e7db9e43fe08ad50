import { type KubeObject, title } from '../../kubectl/kubectl.ts';
import { type Alternative, alternatives, Unreadable } from './rule.ts';

/** Traefik's objects, as far as they say who may come in where. */
export type IngressRoute = KubeObject<{ entryPoints?: string[]; routes?: Rule[] }>;
export type Middleware = KubeObject<{ forwardAuth?: unknown; chain?: { middlewares?: Reference[] } }>;

interface Rule {
  match?: string;
  priority?: number;
  middlewares?: Reference[];
}
interface Reference {
  name: string;
  namespace?: string;
}

/** One router: which requests it takes, and whether they must bring a session. */
export interface Route {
  /** `IngressRoute shop/product` */
  owner: string;
  rule: string;
  alternatives: Alternative[];
  /** Of two that match the higher wins: https://doc.traefik.io/traefik/ makes it the rule's length unless told. */
  priority: number;
  guarded: boolean;
}

export interface Routes {
  routes: Route[];
  /** What no request can be made up for, in a sentence each. */
  unread: string[];
}

export function routesOf(ingressRoutes: readonly IngressRoute[], middlewares: readonly Middleware[]): Routes {
  const known = new Map(
    middlewares.map(({ metadata, spec }) => [`${metadata.namespace}/${metadata.name}`, spec]),
  );

  /**
   * Whether the user-manager is asked. One that is not there counts: Traefik answers 404 then, and that is to be found.
   */
  const guards = ({ name, namespace }: Required<Reference>, seen: string[] = []): boolean => {
    const key = `${namespace}/${name}`;
    if (seen.includes(key)) return false;
    if (!known.has(key)) return true;
    const { forwardAuth, chain } = known.get(key) ?? {};
    return (
      forwardAuth !== undefined ||
      (chain?.middlewares ?? []).some(each => guards({ namespace, ...each }, [...seen, key]))
    );
  };

  const found: Routes = { routes: [], unread: [] };
  for (const each of ingressRoutes.filter(isPublic))
    for (const { match = '', priority, middlewares: named = [] } of each.spec?.routes ?? []) {
      const namespace = each.metadata.namespace ?? 'default';
      try {
        found.routes.push({
          ...{ owner: title(each), rule: match, alternatives: alternatives(match) },
          priority: priority || match.length,
          guarded: named.some(reference => guards({ namespace, ...reference })),
        });
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        found.unread.push(`${title(each)}: its rule ${error.message}: ${match}`);
      }
    }
  return found;
}

/** What only stands on other entry points is not the world's to ask: Traefik's own dashboard, say. */
const isPublic = ({ spec }: IngressRoute): boolean =>
  !spec?.entryPoints?.length || spec.entryPoints.includes('websecure');
