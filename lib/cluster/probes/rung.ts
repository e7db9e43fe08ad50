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
      const { probes, unasked } = planProbes(routesOf(ingressRoutes, middlewares), hosts);
      const verdicts = await Promise.all(
        probes.map(async probe => judge(probe, await ask(ingress, probe), Date.now())),
      );
      tell({ verdicts, unasked });
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
