import { type Kubectl, unless } from '../../kubectl/kubectl.ts';
import type { Rung } from '../ladder.ts';
import { judge, type Verdict } from './judge.ts';
import { planProbes } from './plan.ts';
import { ask, type Ingress } from './probe.ts';
import { question } from './render.ts';
import { type IngressRoute, type Middleware, routesOf } from './routes.ts';

export interface Answers {
  verdicts: Verdict[];
  /** What was not asked, and why, in a sentence each. */
  unasked: string[];
  /** Where a made-up identity gets through, a sentence each. */
  credulous: string[];
}

/**
 * Everything that the ingress should answer, answered rightly. The routes are those in the cluster; a host of the platform
 * that none of them has is asked all the same.
 */
export function answering(
  cluster: Kubectl,
  ingress: Ingress,
  hosts: readonly string[],
  tell: (answers: Answers) => void,
): Rung {
  return {
    name: 'the hosts to answer',
    async look() {
      const [ingressRoutes, middlewares] = await Promise.all([
        unless('UnknownResource', cluster.list<IngressRoute>('ingressroutes.traefik.io'), []),
        unless('UnknownResource', cluster.list<Middleware>('middlewares.traefik.io'), []),
      ]);
      const found = routesOf(ingressRoutes, middlewares);
      const { probes, unasked } = planProbes(found, hosts);
      const verdicts = await Promise.all(
        probes.map(async probe => judge(probe, await ask(ingress, probe), Date.now())),
      );
      const credulous = found.routes
        .filter(route => route.credulous.length > 0)
        .map(
          ({ owner, rule, credulous: names }) =>
            `${owner} asks nobody who it is and hands on ${names.join(', ')} as the client made them up: name a middleware that blanks them (${rule})`,
        );
      tell({ verdicts, unasked, credulous });
      return verdicts
        .filter(({ wrong }) => wrong)
        .map(({ probe, words }) => ({
          what: `${probe.host} (${question(probe)})`,
          why: [words],
          state: words.split(':')[0] ?? words,
        }));
    },
  };
}
