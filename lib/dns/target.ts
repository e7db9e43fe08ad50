import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { UserError } from '../runner/errors.ts';
import { shown } from '../runner/text.ts';
import { recordName, words } from './host.ts';

/** Where a name leads: one value of one record. */
export interface Target {
  type: 'A' | 'AAAA' | 'CNAME';
  content: string;
}

/** Where the names of an object lead; while there are no targets, `pending` says why, as a clause. */
export interface Whereto {
  targets: readonly Target[];
  pending?: string;
  /** As in a claim. */
  chosen?: boolean;
  /** Nobody has said it: it is the environment's load balancer. */
  assumed?: boolean;
  /** What has been left out of it. */
  note?: string;
}

/**
 * Reads addresses, or one host name, separated by commas or blanks.
 * @throws UserError for what no public name should lead to
 */
export function parseTargets(text: string): Target[] {
  const readings = words(text).map(word => {
    const reading = read(word);
    if ('mistake' in reading) throw new UserError(`The target ${reading.mistake}`);
    if (!reading.isPrivate) return reading.target;
    throw new UserError(
      `The target ${word} is a private or local address, which nobody outside can reach: give the load balancer's public one`,
    );
  });
  const targets = distinct(readings);
  if (targets.length > 1 && targets.some(({ type }) => type === 'CNAME')) {
    throw new UserError(
      `The target "${text}" has a host name beside others: give one host name, or addresses only`,
    );
  }
  if (targets.length === 0) throw new UserError('The target is empty: give an address or a host name');
  return targets;
}

/**
 * Where the values lead that an object carries. What nobody should be led to makes it pending, never something else.
 * @param whose what carries them, as a sentence begins with it: `its status`
 * @returns undefined when there are none
 */
export function whereto(
  values: readonly string[],
  { whose, allowPrivate }: { whose: string; allowPrivate: boolean },
): Whereto | undefined {
  if (values.length === 0) return undefined;
  const pending = (why: string): Whereto => ({ targets: [], pending: why });

  const usable: Target[] = [];
  const locals: string[] = [];
  for (const value of values) {
    const reading = read(value);
    if ('mistake' in reading) return pending(`${whose} has a value that is of no use: ${reading.mistake}`);
    if (reading.isPrivate && !allowPrivate) locals.push(value);
    else usable.push(reading.target);
  }
  const targets = distinct(usable);
  const [addresses, names] = [targets.filter(isAddress), targets.filter(target => !isAddress(target))];
  const list = (all: readonly Target[]) => all.map(({ content }) => content).join(', ');

  if (targets.length === 0)
    return pending(
      `${whose} has only ${locals.join(', ')}, which nobody outside can reach; the annotation dns.slipway/allow-private: "true" lets it through`,
    );
  const notes = locals.map(each => `${whose} has ${each} too, which nobody outside can reach`);
  if (addresses.length === 0) {
    if (names.length > 1)
      return pending(`${whose} has several host names (${list(names)}), and a name can lead to one only`);
  } else if (names.length > 0) {
    notes.push(`${whose} has addresses and host names; ${list(names)} is left out`);
  }
  return {
    targets: addresses.length > 0 ? addresses : names,
    ...(notes.length > 0 && { note: notes.join('; ') }),
  };
}

const isAddress = ({ type }: Target): boolean => type !== 'CNAME';

const distinct = (targets: readonly Target[]): Target[] => [
  ...new Map(targets.map(target => [target.content, target])).values(),
];

type Reading = { target: Target; isPrivate: boolean } | { mistake: string };

function read(text: string): Reading {
  if (isIPv4(text))
    return { target: { type: 'A', content: text }, isPrivate: unreachable.check(text, 'ipv4') };
  if (isIPv6(text) && !text.includes('%')) {
    const content = new URL(`http://[${text}]`).hostname.slice(1, -1);
    if (content.startsWith('::ffff:'))
      return { mistake: `${text} is an IPv4 address in IPv6 clothing: write it as IPv4` };
    return { target: { type: 'AAAA', content }, isPrivate: unreachable.check(content, 'ipv6') };
  }
  const content = text.startsWith('*') ? undefined : recordName(text);
  if (content === undefined)
    return { mistake: `"${shown(text)}" is neither an address nor a host name: give one of them` };
  return { target: { type: 'CNAME', content }, isPrivate: local.test(content) };
}

// https://www.iana.org/assignments/special-use-domain-names
const local = /\.(local|localhost|internal)$/;

// https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry; documentation ranges are let
// through, for they are what examples and tests are made of.
const unreachable = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const)
  unreachable.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  unreachable.addSubnet(network, prefix, 'ipv6');
