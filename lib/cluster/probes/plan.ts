import type { Route, Routes } from './routes.ts';
import { matches } from './rule.ts';

/** One question to the ingress, and what the right answer is. */
export type Probe =
  /** The certificate that is shown for this name. */
  | { kind: 'certificate'; host: string }
  /** Plain HTTP leads to HTTPS. */
  | { kind: 'redirect'; host: string }
  /** Somebody answers who is not Traefik itself. */
  | { kind: 'open'; host: string; method: string; path: string }
  /** Nobody comes in without a session, whatever the headers claim. */
  | { kind: 'guarded'; host: string; method: string; path: string; claims: Claims };

/** Which made-up identity a request carries. */
export type Claims = 'none' | 'headers' | 'underscores';

export interface Probes {
  probes: Probe[];
  /** What is not asked, and why, in a sentence each. */
  unasked: string[];
}

/**
 * What to ask an ingress to know that it lets in whom it should.
 * @param hosts those that must answer, also when no route names them
 */
export function planProbes({ routes, unread }: Routes, hosts: readonly string[]): Probes {
  const routed = routes.flatMap(route => route.alternatives.map(({ host }) => host.toLowerCase()));
  const named = [...new Set([...hosts, ...routed])].filter(host => !host.includes('*')).sort();
  const found: Probes = { probes: [], unasked: [...unread] };
  for (const host of named) {
    found.probes.push({ kind: 'certificate', host }, { kind: 'redirect', host });
    // That it is missing shows as Traefik's own 404.
    if (!routed.includes(host)) found.probes.push({ kind: 'open', host, method: 'GET', path: '/' });
  }
  for (const route of routes) {
    const request = requestFor(route, routes);
    if (!request) {
      found.unasked.push(
        `${route.owner}: no request is sure to come to this rule and to do no harm: ${route.rule}`,
      );
    } else if (!route.guarded) {
      found.probes.push({ kind: 'open', ...request });
    } else {
      for (const claims of ['none', 'headers', 'underscores'] as const)
        found.probes.push({ kind: 'guarded', ...request, claims });
    }
  }
  return found;
}

interface Request {
  host: string;
  method: string;
  path: string;
}

const reading = ['GET', 'HEAD'];
const writing = ['POST', 'PUT', 'PATCH', 'DELETE'];
/** A path that no service has: should the door be open after all, nothing is written. */
const nowhere = 'slipway-probe';

/** A request that this route takes and no other does before it; undefined when there is none that is harmless. */
function requestFor(route: Route, all: readonly Route[]): Request | undefined {
  const candidates = route.alternatives
    .filter(({ host }) => !host.includes('*'))
    .flatMap(({ host, path, method }) => {
      const base = { host: host.toLowerCase() };
      const allowed = (methods: string[]) => methods.filter(each => method === undefined || method === each);
      const { value = '/', exact = false } = path ?? {};
      const below = `${value}${value.endsWith('/') ? '' : '/'}${nowhere}`;
      return [
        ...allowed(reading).map(method => ({ ...base, method, path: value })),
        // Who only has to be answered is not written to; who must refuse is asked for a path that is nowhere.
        ...(route.guarded && !exact
          ? allowed(writing).map(method => ({ ...base, method, path: below }))
          : []),
      ];
    });
  return candidates.find(request => winner(request, all) === route);
}

function winner(request: Request, routes: readonly Route[]): Route | undefined {
  const matching = routes.filter(route => route.alternatives.some(each => matches(each, request)));
  return matching.sort((a, b) => b.priority - a.priority)[0];
}
