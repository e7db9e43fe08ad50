import { UserError } from '../runner/errors.ts';
import { parseTargets, type Whereto } from './target.ts';

/** A Service whose addresses are those of all hosts: `traefik/traefik`. */
export interface BalancerName {
  namespace: string;
  name: string;
}

/** Where hosts lead whose objects do not say it. */
export type Fallback = Whereto | BalancerName;

/**
 * The input `target`: addresses or one host name; `NAMESPACE/NAME`, the load-balancer Service of the ingress controller; or
 * `none`, when every host says for itself where it leads.
 * @throws UserError
 */
export function parseFallback(text: string): Fallback {
  if (text === 'none') return { targets: [], pending: 'it has no address of its own, and "target" is none' };
  if (!text.includes('/')) return { targets: parseTargets(text) };
  const [, namespace, name] = /^([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(text) ?? [];
  if (namespace !== undefined && name !== undefined) return { namespace, name };
  throw new UserError(`The target "${text}" is no Service: write NAMESPACE/NAME, such as traefik/traefik`);
}

/** When nobody has said it at all. */
export const nowhere: Whereto = {
  targets: [],
  pending: 'it has no address of its own, and the input "target" does not say where such lead',
};
