import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { UserError } from '../runner/errors.ts';
import { recordName } from './host.ts';

/** Where a name leads: one value of one record. */
export interface Target {
  type: 'A' | 'AAAA' | 'CNAME';
  content: string;
}

/**
 * Reads addresses, or one host name, separated by commas or blanks.
 * @throws UserError for what no public name should lead to
 */
export function parseTargets(text: string): Target[] {
  const targets = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(parse);
  const distinct = [...new Map(targets.map(target => [target.content, target])).values()];
  if (distinct.length > 1 && distinct.some(({ type }) => type === 'CNAME')) {
    throw new UserError(
      `The target "${text}" has a host name beside others: give one host name, or addresses only`,
    );
  }
  if (distinct.length === 0) throw new UserError('The target is empty: give an address or a host name');
  return distinct;
}

function parse(text: string): Target {
  if (isIPv4(text)) return { type: 'A', content: reachable(text, 'ipv4') };
  if (isIPv6(text)) {
    const shortest = new URL(`http://[${text}]`).hostname.slice(1, -1);
    if (shortest.startsWith('::ffff:')) {
      throw new UserError(`The target ${text} is an IPv4 address in IPv6 clothing: write it as IPv4`);
    }
    return { type: 'AAAA', content: reachable(shortest, 'ipv6') };
  }
  const name = text.startsWith('*') ? undefined : recordName(text);
  if (name === undefined) {
    throw new UserError(`The target "${text}" is neither an address nor a host name: give one of them`);
  }
  return { type: 'CNAME', content: name };
}

function reachable(address: string, family: 'ipv4' | 'ipv6'): string {
  if (!unreachable.check(address, family)) return address;
  throw new UserError(
    `The target ${address} is a private or local address, which nobody outside can reach: give the load balancer's public one`,
  );
}

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
