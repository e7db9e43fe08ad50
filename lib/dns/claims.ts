import { type KubeObject, title } from '../kubectl/kubectl.ts';
import { recordName } from './host.ts';
import { hostsOf, RuleError } from './rule.ts';
import type { Target } from './target.ts';

export type Ingress = KubeObject<{ rules?: { host?: string }[] }>;
export type IngressRoute = KubeObject<{ routes?: { match?: string }[] }>;

/** An object of the cluster that wants a name to lead somewhere. */
export interface Claim {
  /** In Punycode, lower case, without a dot at its end; may begin with `*.`. */
  name: string;
  /** The object: `IngressRoute shop/ui`. */
  source: string;
  /** None while it is not known where: then what is there stays. */
  targets: readonly Target[];
  /** Why there is no target yet, one clause. */
  pending?: string;
  /** Seconds, 60 to 86400, or 1 for what Cloudflare finds best. */
  ttl?: number;
  /** Whether Cloudflare stands in front. */
  proxied?: boolean;
}

/** An object whose hosts cannot be told: it may claim any name that stands in its text. */
export interface Unreadable {
  source: string;
  text: string;
  reason: string;
}

/** What the objects of a cluster want, of whatever zone. */
export interface Wishes {
  claims: Claim[];
  unreadable: Unreadable[];
  /** What a person should know of objects from which no record is made. */
  notes: string[];
}

const hostless = 'it has no host, so there is no name for a record';

/** What the objects of a cluster want. */
export function wishes(
  { ingresses, routes }: { ingresses: readonly Ingress[]; routes: readonly IngressRoute[] },
  targets: readonly Target[],
): Wishes {
  const found: Wishes = { claims: [], unreadable: [], notes: [] };
  const told = new Set<string>();

  const claim = (source: string, host: string, text: string) => {
    const name = recordName(host);
    if (name === undefined) {
      found.unreadable.push({ source, text, reason: `${JSON.stringify(host)} is not a host name` });
    } else if (!told.has(`${name} ${source}`)) {
      told.add(`${name} ${source}`);
      found.claims.push({ name, source, targets });
    }
  };

  for (const ingress of ingresses) {
    const source = title(ingress);
    const hosts = (ingress.spec?.rules ?? []).flatMap(({ host }) => (host ? [host] : []));
    if (hosts.length === 0) found.notes.push(`${source}: ${hostless}`);
    for (const host of hosts) claim(source, host, host);
  }

  for (const route of routes) {
    const source = title(route);
    let silent = true;
    for (const { match = '' } of route.spec?.routes ?? []) {
      try {
        const { hosts, patterns } = hostsOf(match);
        const names = hosts.filter(host => host !== '*');
        for (const host of names) claim(source, host, match);
        if (patterns.length > 0) found.notes.push(`${source}: no record can be made of a HostRegexp`);
        if (names.length + patterns.length > 0) silent = false;
      } catch (error) {
        if (!(error instanceof RuleError)) throw error;
        found.unreadable.push({
          source,
          text: match,
          reason: `its rule is not understood: ${error.message}`,
        });
        silent = false;
      }
    }
    if (silent) found.notes.push(`${source}: ${hostless}`);
  }
  return found;
}
