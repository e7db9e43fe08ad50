import { Resolver } from 'node:dns/promises';
import { UserError } from '../runner/errors.ts';
import type { HostStatus } from './status.ts';

/** What a resolver says of a host: whether that is as wished, and what it is. */
export interface Resolved {
  ok: boolean;
  answer: string;
}

export type Resolve = (host: HostStatus) => Promise<Resolved>;

/**
 * Asks a DNS server.
 * @param server an address, or `ADDRESS:PORT`
 * @returns how to look a host up whose record is as wished
 * @throws UserError when that is no address
 */
export function resolverAt(server: string): Resolve {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  try {
    resolver.setServers([server]);
  } catch {
    throw new UserError(
      `The resolver "${server}" is no address of a DNS server: give one such as 1.1.1.1 or 127.0.0.1:5353`,
    );
  }
  const addresses = async (name: string): Promise<string[]> => {
    const found = await Promise.all([known(resolver.resolve4(name)), known(resolver.resolve6(name))]);
    return found.flat().map(canonical).sort();
  };
  return async ({ host, targets, proxied }) => {
    // Any name that a wildcard stands for does.
    const name = host.replace(/^\*/, 'slipway-status');
    try {
      const found = await addresses(name);
      const answer = found.join(', ') || 'no address';
      // In front of a proxied name stand Cloudflare's own addresses.
      if (proxied) return { ok: found.length > 0, answer };
      const [first] = targets;
      const wished =
        first?.type === 'CNAME'
          ? await addresses(first.content)
          : targets.map(({ content }) => content).sort();
      return { ok: found.length > 0 && found.join() === wished.join(), answer };
    } catch (error) {
      return { ok: false, answer: `no answer (${(error as NodeJS.ErrnoException).code})` };
    }
  };
}

/** No such name, or nothing of that kind there: an answer too. */
const known = (asked: Promise<string[]>): Promise<string[]> =>
  asked.catch((error: NodeJS.ErrnoException) => {
    if (['ENOTFOUND', 'ENODATA'].includes(error.code ?? '')) return [];
    throw error;
  });

const canonical = (address: string): string =>
  address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
