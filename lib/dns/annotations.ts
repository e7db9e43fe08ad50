import type { KubeObject } from '../kubectl/kubectl.ts';
import { closest } from '../platform/closest.ts';
import { shown } from '../runner/text.ts';
import type { Terms } from './claims.ts';
import { words } from './host.ts';
import { type Whereto, whereto } from './target.ts';

/** What an object's annotations say of its records. */
export interface Annotated {
  /** Why the object is left alone. */
  left?: string;
  hosts: string[];
  /** Which hosts count: those of the annotation, those of the object itself, or both. */
  hostsFrom: 'both' | 'annotation' | 'spec';
  /** The hosts of an Ingress's certificates too. */
  tlsHosts: boolean;
  allowPrivate: boolean;
  target?: Whereto;
  ttl?: number;
  proxied?: boolean;
  /** Annotations that are not understood, each as a clause: nothing is changed for the object until they are. */
  mistakes: string[];
  notes: string[];
}

// external-dns has changed its prefix in 0.22; the newer one wins, as there.
const theirs = ['external-dns.kubernetes.io/', 'external-dns.alpha.kubernetes.io/'];
const own = 'dns.slipway/';

/** Those of external-dns, with both of its prefixes, and our own three: `ignore`, `tls-hosts` and `allow-private`. */
export function annotated({ annotations = {} }: KubeObject['metadata']): Annotated {
  const mistakes: string[] = [];
  const notes: string[] = [];

  const value = (name: string): string | undefined => {
    const [first, second] = theirs.flatMap(prefix => annotations[prefix + name] ?? []);
    if (second !== undefined && first !== second)
      notes.push(`it has ${name} with both prefixes; ${theirs[0]}${name} counts`);
    return first?.trim();
  };
  const flag = (name: string, text: string | undefined): boolean | undefined => {
    if (text === undefined || text === '') return undefined;
    if (/^(true|t|1)$/i.test(text)) return true;
    if (/^(false|f|0)$/i.test(text)) return false;
    mistakes.push(`its ${name} is "${shown(text)}", which is neither true nor false`);
    return undefined;
  };
  const lifetime = (text: string | undefined): number | undefined => {
    if (text === undefined || text === '') return undefined;
    const found = seconds(text);
    if (found === 1 || (found !== undefined && found >= 60 && found <= 86_400)) return found;
    mistakes.push(
      `its ttl is "${shown(text)}", which is neither 1 nor from 60 seconds to a day, such as 300, 10m or 1h`,
    );
    return undefined;
  };
  const hostsFrom = (): Annotated['hostsFrom'] => {
    const text = value('ingress-hostname-source') ?? value('gateway-hostname-source') ?? '';
    if (text === '') return 'both';
    if (/^annotation-only$/i.test(text)) return 'annotation';
    if (/^defined-hosts-only$/i.test(text)) return 'spec';
    mistakes.push(
      `its hostname-source is "${shown(text)}", which is neither annotation-only nor defined-hosts-only`,
    );
    return 'both';
  };

  /** Whose the object is, when it is not ours; what looks like a slip of the pen gives no name away. */
  const stranger = (): string | undefined => {
    const controller = value('controller');
    const known = ['dns-controller', 'slipway'];
    if (controller === undefined || known.includes(controller)) return undefined;
    const meant = controller === '' ? undefined : closest(controller.toLowerCase(), known);
    if (controller !== '' && meant === undefined) return controller;
    mistakes.push(
      `its controller is "${shown(controller)}": ${meant ? `did you mean "${meant}"?` : 'name one, or leave it out'}`,
    );
    return undefined;
  };

  const ours = (name: string) => flag(own + name, annotations[own + name]);
  const [ignore, allowPrivate] = [ours('ignore') ?? false, ours('allow-private') ?? false];
  // Hosts that may be meant wait with the others.
  const mistaken = mistakes.length;
  const tlsHosts = ours('tls-hosts') ?? mistakes.length > mistaken;
  const controller = stranger();
  const left = ignore
    ? `left alone, as its annotation ${own}ignore says`
    : controller && `left to the controller "${shown(controller)}" of its annotation`;
  const hostname = value('hostname');
  const hosts = words(hostname ?? '');
  if (hostname !== undefined && hosts.length === 0) mistakes.push('its hostname is empty');
  const proxied = flag('cloudflare-proxied', value('cloudflare-proxied'));
  const ttl = lifetime(value('ttl'));
  if (proxied && ttl !== undefined && ttl !== 1)
    notes.push('its ttl does not count, for Cloudflare sets that of a proxied record');
  const target = whereto(words(value('target') ?? ''), { whose: 'its annotation target', allowPrivate });

  return {
    ...(left !== undefined && { left }),
    hosts,
    hostsFrom: hostsFrom(),
    ...{ tlsHosts, allowPrivate },
    ...(target && { target: { ...strict(target), chosen: true } }),
    ...(ttl !== undefined && { ttl: proxied ? 1 : ttl }),
    ...(proxied !== undefined && { proxied }),
    ...{ mistakes, notes },
  };
}

/** What somebody has written by hand is not half followed. */
const strict = (target: Whereto): Whereto =>
  target.note === undefined ? target : { targets: [], pending: target.note };

/** The first of these that says something; the object's own annotations above all. */
export function terms(own: Annotated, ...others: (Whereto | undefined)[]): Terms & { note?: string } {
  const { ttl, proxied, mistakes } = own;
  const settings = { ...(ttl !== undefined && { ttl }), ...(proxied !== undefined && { proxied }) };
  if (mistakes.length > 0) return { targets: [], pending: mistakes.join('; '), ...settings };
  const none: Whereto = { targets: [], pending: 'it has no address yet' };
  const { assumed: _, ...found } = [own.target, ...others].find(each => each !== undefined) ?? none;
  return { ...found, ...settings };
}

/** Seconds, or a duration as Go writes it: https://pkg.go.dev/time#ParseDuration. Fractions of a second are dropped. */
function seconds(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  const units: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
  const parts = [...text.matchAll(/([\d.]+)([a-zµ]+)/g)];
  return Math.floor(
    parts.reduce((sum, [, number, unit = '']) => sum + Number(number) * (units[unit] ?? 0), 0),
  );
}
