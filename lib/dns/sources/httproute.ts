import type { Static } from 'typebox';
import { type Annotated, annotated, terms } from '../annotations.ts';
import { claimed, merged, noHost, noted, type Terms, unread, type Wishes } from '../claims.ts';
import { recordName } from '../host.ts';
import { type Whereto, whereto } from '../target.ts';
import { type Gateway, gatewaysOf, matching, type Parent, type Reference } from './gateway.ts';
import * as shapes from './shapes.ts';
import { each, type Read, type Source } from './source.ts';

/**
 * The Gateway API: a route's hosts are those that it shares with the listeners that take it, and lead where their Gateway
 * is. https://gateway-api.sigs.k8s.io/reference/spec/#httproute
 */
export const httproute: Source = {
  kind: 'HTTPRoute',
  resources: [
    'httproutes.gateway.networking.k8s.io',
    'gateways.gateway.networking.k8s.io',
    'namespaces', // whose labels a listener may ask for
  ],
  wishes: (objects, { fromFiles }) => {
    const gateways = gatewaysOf(objects);
    return each(objects('gateway.networking.k8s.io', 'HTTPRoute'), shapes.httpRoute, read =>
      routed(read, reference => gateways(reference, read.object, fromFiles)),
    );
  },
};

function routed(
  { source, object, annotations }: Read<Static<typeof shapes.httpRoute>>,
  parentOf: (reference: Reference) => Parent,
): Wishes {
  const own = [
    ...(annotations.hostsFrom === 'annotation' ? [] : (object.spec?.hostnames ?? [])),
    ...(annotations.hostsFrom === 'spec' ? [] : annotations.hosts),
  ];
  // Without hosts of its own it has all those of the listeners, whatever its annotation adds.
  const hostless = annotations.hostsFrom !== 'annotation' && (object.spec?.hostnames ?? []).length === 0;
  const names = own.flatMap(host => recordName(host) ?? []);
  const unnamed = claimed(
    source,
    own.filter(host => recordName(host) === undefined),
    { targets: [] },
  );

  const parents = (object.spec?.parentRefs ?? []).map(parentOf);
  const waiting = parents.filter(({ kind }) => kind === 'waits');
  const taking = parents.filter(parent => parent.kind === 'takes');
  const refusing = parents.filter(({ kind }) => kind === 'refuses');
  const reasons = (of: readonly Parent[]) => of.flatMap(each => ('why' in each ? [each.why] : [])).join('; ');

  /** Which hosts it has of those that these have is not known. */
  const may = (of: readonly Parent[], why: string) =>
    unread(source, of.flatMap(({ hosts = [] }) => hosts).join(' '), why);

  const unsettled = waiting.length > 0 ? waiting : taking.length === 0 ? refusing : [];
  if (unsettled.length > 0) {
    const why = reasons(unsettled);
    const waits = { ...terms(annotations), targets: [], pending: why };
    return merged([unnamed, claimed(source, names, waits), ...(hostless ? [may(parents, why)] : [])]);
  }
  if (taking.length === 0) return noted(source, 'it has no Gateway as a parent, so nothing leads to it');

  const hosts = Map.groupBy(
    taking.flatMap(({ gateway, places }) =>
      places.flatMap(({ hostname }) => matching(names, hostname, hostless).map(host => ({ host, gateway }))),
    ),
    ({ host }) => host,
  );
  const claims = [...hosts].map(([host, takers]) => {
    const gateways = [...new Set(takers.map(({ gateway }) => gateway))];
    const { note, ...where } = leading(annotations, gateways);
    return merged([claimed(source, [host], where), ...(note ? [noted(source, note)] : [])]);
  });
  // What of a wildcard the others would take stands with them only.
  const isOpen = hostless || names.some(name => name.startsWith('*.'));
  const untaken = names.filter(name => ![...hosts.keys()].some(host => shares(host, name)));
  return merged([
    unnamed,
    ...claims,
    // A Gateway that does not take it now may have done so before, and what leads there stays.
    ...(refusing.length > 0
      ? [
          claimed(source, untaken, { ...terms(annotations), targets: [], pending: reasons(refusing) }),
          isOpen ? may(refusing, reasons(refusing)) : noted(source, reasons(refusing)),
        ]
      : untaken.map(name => noted(source, `no listener of its Gateways takes ${name}`))),
    ...(own.length + claims.length === 0 ? [noted(source, noHost)] : []),
  ]);
}

const shares = (host: string, name: string): boolean =>
  host === name || (name.startsWith('*.') && host.endsWith(name.slice(1)));

/**
 * To all of them, and to none while one has no address: the name would lose that one's. As with external-dns, the target is
 * the Gateway's to say, not the route's.
 */
function leading(
  { target: _, ...annotations }: Annotated,
  gateways: readonly Gateway[],
): Terms & { note?: string } {
  const each = gateways.map(reached);
  const lost = each.find(({ targets }) => targets.length === 0);
  if (lost) return terms(annotations, lost);
  const values = each.flatMap(({ targets }) => targets.map(({ content }) => content));
  const whose = gateways.map(({ name }) => name).join(' and ');
  const notes = each.flatMap(({ note }) => note ?? []);
  const { note = notes.join('; '), ...where } = whereto(values, { whose, allowPrivate: true }) ?? {
    targets: [],
  };
  const chosen = each.some(({ chosen }) => chosen);
  return terms(annotations, { ...where, ...(chosen && { chosen }), ...(note && { note }) });
}

function reached({ name, object }: Gateway): Whereto {
  const own = annotated(object.metadata);
  const values = (object.status?.addresses ?? []).map(({ value }) => value);
  const status = whereto(values, { whose: 'its status', allowPrivate: own.allowPrivate });
  const { note, pending, targets, chosen } = terms(own, status);
  return {
    targets,
    ...(chosen && { chosen }),
    ...(pending !== undefined && { pending: `${name} is its Gateway, and ${pending}` }),
    ...(note !== undefined && { note: `${name}: ${note}` }),
  };
}
