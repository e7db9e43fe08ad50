import { UserError } from '../runner/errors.ts';
import type { BalancerName } from './observe.ts';
import { parseTargets, type Whereto } from './target.ts';

/**
 * The input `target`: addresses or one host name; `NAMESPACE/NAME`, the load-balancer Service of the ingress controller; or
 * `none`, when every host says for itself where it leads.
 * @throws UserError
 */
export function parseFallback(text: string): Whereto | BalancerName {
  if (text === 'none') return nowhere;
  if (!text.includes('/')) return { targets: parseTargets(text) };
  const [, namespace, name] = /^([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(text) ?? [];
  if (namespace !== undefined && name !== undefined) return { namespace, name };
  throw new UserError(`The target "${text}" is no Service: write NAMESPACE/NAME, such as traefik/traefik`);
}

const nowhere: Whereto = { targets: [], pending: 'it has no address of its own, and the target is none' };
