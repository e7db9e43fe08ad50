import type { Application } from './application.ts';
import { type Gate, passed, waits } from './gate.ts';
import { unhealthy } from './healthy.ts';
import { duration, utc } from './time.ts';

/**
 * The version has been healthy for a time without a break.
 * @param isAlone false where the gate `healthy` says already why it is not
 */
export function soak(from: string, wanted: string, isAlone = true): Gate {
  return {
    name: 'soak',
    judge(candidate, { applications, now }) {
      const application = applications?.get(candidate.service);
      const why = unhealthy(application, candidate, from);
      if (why !== undefined || !application)
        return isAlone ? waits(`the ${wanted} have not begun: ${why}`) : undefined;
      const since = healthySince(application);
      if (!since)
        return waits(`Argo CD does not say since when it is healthy in ${from}: it does from version 3.0 on`);
      const ripe = new Date(since.getTime() + duration(wanted));
      if (now >= ripe) return passed(`healthy in ${from} since ${utc(since)}, ${wanted} at least`);
      return waits(`healthy in ${from} since ${utc(since)}, which makes ${wanted} at ${utc(ripe)}`, ripe);
    },
  };
}

/**
 * Since when an Application that is healthy now has been so at its version: the latest of the last change of its health (a
 * flap moves it), the deployment of its revision, and the end of its last sync.
 */
function healthySince({ status }: Application): Date | undefined {
  const { sync, health, history = [], operationState } = status ?? {};
  const deployed = history.findLast(({ revision }) => revision === sync?.revision)?.deployedAt;
  const times = [health?.lastTransitionTime, deployed, operationState?.finishedAt].map(time =>
    Date.parse(time ?? ''),
  );
  return times.some(Number.isNaN) ? undefined : new Date(Math.max(...times));
}
