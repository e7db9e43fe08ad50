import type { Static } from 'typebox';
import { Check } from 'typebox/value';
import { type KubeObject, title } from '../../kubectl/kubectl.ts';
import { shown } from '../../runner/text.ts';
import { annotated } from '../annotations.ts';
import { recordName } from '../host.ts';
import * as shapes from './shapes.ts';
import type { Objects } from './source.ts';

export interface Gateway {
  /** `Gateway shop/web` */
  name: string;
  object: KubeObject & Static<typeof shapes.gateway>;
}

type Listener = Gateway['object']['spec']['listeners'][number];
type Route = KubeObject & Static<typeof shapes.httpRoute>;

/** A listener that takes a route; without a host name it takes every host. */
type Place = Pick<Listener, 'hostname'>;

export type Reference = NonNullable<NonNullable<Route['spec']>['parentRefs']>[number];

/** What one Gateway makes of a route. */
export type Parent = {
  /** Those of its listeners, as far as they are known: a route may have had any of them. */
  hosts?: readonly string[];
} /** It takes the route in these places. */ & (
  | { kind: 'takes'; gateway: Gateway; places: readonly Place[] }
  /** It is not known yet whether it will. */
  | { kind: 'waits'; why: string }
  /** It does not. */
  | { kind: 'refuses'; why: string }
);

const group = 'gateway.networking.k8s.io';

/** @returns what the Gateway that a route refers to makes of it */
export function gatewaysOf(
  objects: Objects,
): (reference: Reference, route: Route, fromFiles: boolean) => Parent {
  const gateways = new Map(objects(group, 'Gateway').map(object => [title(object), object]));
  const labels = new Map(objects('', 'Namespace').map(({ metadata }) => [metadata.name, metadata.labels]));

  return (reference, route, fromFiles) => {
    const { kind = 'Gateway', namespace = route.metadata.namespace } = reference;
    const name = `${kind} ${namespace ? `${namespace}/` : ''}${reference.name}`;
    if ((reference.group ?? group) !== group || kind !== 'Gateway')
      return { kind: 'refuses', why: `${name} is no Gateway, and only those are followed` };
    const object = gateways.get(name);
    if (!object) return { kind: 'waits', why: `there is no ${name}` };
    if (!Check(shapes.gateway, object)) return { kind: 'waits', why: `${name} is malformed` };
    const hosts = object.spec.listeners.flatMap(({ hostname }) => hostname || []);
    const { left } = annotated(object.metadata);
    if (left !== undefined) return { kind: 'refuses', why: `${name} is ${left}`, hosts };

    const stand = standing(reference, route, fromFiles);
    if (stand !== undefined)
      return { kind: stand.refused ? 'refuses' : 'waits', why: `${name} ${stand.why}`, hosts };

    const home = object.metadata.namespace;
    const places = object.spec.listeners.filter(
      listener =>
        (reference.sectionName ?? listener.name) === listener.name &&
        (reference.port ?? listener.port) === listener.port &&
        ['HTTP', 'HTTPS'].includes(listener.protocol) &&
        admits(listener, route.metadata.namespace, home, labels),
    );
    if (places.length === 0) return { kind: 'refuses', why: `${name} has no listener that takes it`, hosts };
    return { kind: 'takes', gateway: { name, object: object as Gateway['object'] }, places, hosts };
  };
}

/** Why the route cannot be called accepted; undefined when it is. */
function standing(
  reference: Reference,
  { status, metadata }: Route,
  fromFiles: boolean,
): { why: string; refused: boolean } | undefined {
  if (fromFiles && status === undefined) return undefined;
  const own = (status?.parents ?? []).filter(({ parentRef }) =>
    same(parentRef, reference, metadata.namespace),
  );
  const accepted = own.flatMap(({ conditions = [] }) => conditions.filter(({ type }) => type === 'Accepted'));
  // Several controllers may have looked at it; one that takes it is enough.
  const latest = accepted.filter(
    ({ observedGeneration = metadata.generation ?? 0 }) => observedGeneration >= (metadata.generation ?? 0),
  );
  if (latest.some(({ status }) => status === 'True')) return undefined;
  if (latest.length === 0)
    return { refused: false, why: 'has not said yet whether it takes it as it is now' };
  const reason = latest.find(({ reason }) => reason)?.reason;
  return { refused: true, why: `does not take it${reason ? ` (${shown(reason)})` : ''}` };
}

const same = (a: Reference, b: Reference, home: string | undefined): boolean =>
  (a.group ?? group) === (b.group ?? group) &&
  (a.kind ?? 'Gateway') === (b.kind ?? 'Gateway') &&
  (a.namespace ?? home) === (b.namespace ?? home) &&
  a.name === b.name &&
  a.sectionName === b.sectionName &&
  a.port === b.port;

/** https://gateway-api.sigs.k8s.io/reference/spec/#allowedroutes */
function admits(
  { allowedRoutes }: Listener,
  namespace: string | undefined,
  home: string | undefined,
  labels: ReadonlyMap<string, Record<string, string> | undefined>,
): boolean {
  const kinds = allowedRoutes?.kinds ?? [];
  if (kinds.length > 0 && !kinds.some(each => (each.group ?? group) === group && each.kind === 'HTTPRoute'))
    return false;
  const { from = 'Same', selector = {} } = allowedRoutes?.namespaces ?? {};
  if (from === 'All') return true;
  if (from === 'Same') return namespace === home;
  if (from !== 'Selector' || namespace === undefined) return false;
  return selects(selector, { 'kubernetes.io/metadata.name': namespace, ...labels.get(namespace) });
}

type Selector = NonNullable<NonNullable<NonNullable<Listener['allowedRoutes']>['namespaces']>['selector']>;

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors */
function selects(
  { matchLabels = {}, matchExpressions = [] }: Selector,
  labels: Record<string, string>,
): boolean {
  const has = (key: string, values: readonly string[] = []) => values.includes(labels[key] ?? '\0');
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      if (operator === 'In') return has(key, values);
      if (operator === 'NotIn') return !has(key, values);
      if (operator === 'Exists') return key in labels;
      return operator === 'DoesNotExist' && !(key in labels);
    })
  );
}

/**
 * The hosts that a route and a listener share, the more specific of each pair, and that of the listener when the route has
 * none of its own. A wildcard stands for one label or more.
 */
export function matching(
  names: readonly string[],
  listener: string | undefined,
  hostless: boolean,
): string[] {
  const own = listener ? recordName(listener) : undefined;
  if (listener && own === undefined) return [];
  if (own === undefined) return [...names];
  const shared = names.flatMap(name => {
    if (name === own || covers(own, name)) return [name];
    return covers(name, own) ? [own] : [];
  });
  return hostless ? [...shared, own] : shared;
}

const covers = (wide: string, narrow: string): boolean =>
  wide.startsWith('*.') && narrow.endsWith(wide.slice(1));
