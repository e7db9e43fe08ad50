import { type KubeObject, title } from '../../kubectl/kubectl.ts';
import { type Alternative, alternatives, Unreadable } from './rule.ts';

/** Traefik's objects, as far as they say who may come in where. */
export type IngressRoute = KubeObject<{ entryPoints?: string[]; routes?: Rule[] }>;
export type Middleware = KubeObject<{
  forwardAuth?: { authResponseHeaders?: string[] };
  headers?: { customRequestHeaders?: Record<string, string> };
  chain?: { middlewares?: Reference[] };
}>;

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
  /** The headers that say who somebody is, and that this route hands on as a client has made them up. */
  credulous: string[];
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
  const identity = new Set(middlewares.flatMap(({ spec }) => spec?.forwardAuth?.authResponseHeaders ?? []));

  /** What a request passes, chains unfolded; undefined for a middleware that is not there. */
  const passed = ({ name, namespace }: Required<Reference>, seen: string[] = []): Middleware['spec'][] => {
    const key = `${namespace}/${name}`;
    if (seen.includes(key)) return [];
    if (!known.has(key)) return [undefined];
    const spec = known.get(key) ?? {};
    const links = spec.chain?.middlewares ?? [];
    return [spec, ...links.flatMap(each => passed({ namespace, ...each }, [...seen, key]))];
  };

  const found: Routes = { routes: [], unread: [] };
  for (const each of ingressRoutes.filter(isPublic))
    for (const { match = '', priority, middlewares: named = [] } of each.spec?.routes ?? []) {
      const namespace = each.metadata.namespace ?? 'default';
      const specs = named.flatMap(reference => passed({ namespace, ...reference }));
      // One that is not there counts: Traefik answers 404 then, and that is to be found.
      const guarded = specs.some(spec => spec === undefined || spec.forwardAuth !== undefined);
      const blanked = specs.flatMap(spec => blanks(spec?.headers?.customRequestHeaders));
      try {
        found.routes.push({
          ...{ owner: title(each), rule: match, alternatives: alternatives(match), guarded },
          priority: priority || match.length,
          credulous: guarded ? [] : [...identity].filter(name => !blanked.includes(name.toLowerCase())),
        });
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        found.unread.push(`${title(each)}: its rule ${error.message}: ${match}`);
      }
    }
  return found;
}

/** An empty value takes a header away: https://doc.traefik.io/traefik/middlewares/http/headers/ */
const blanks = (headers: Record<string, string> = {}): string[] =>
  Object.entries(headers).flatMap(([name, value]) => (value === '' ? [name.toLowerCase()] : []));

/** What only stands on other entry points is not the world's to ask: Traefik's own dashboard, say. */
const isPublic = ({ spec }: IngressRoute): boolean =>
  !spec?.entryPoints?.length || spec.entryPoints.includes('websecure');
