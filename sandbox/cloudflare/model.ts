import { ApiError } from './errors.ts';
import type { Batch, WholeRecord } from './record.ts';
import { batch, create, newId, type Plan, plans, transaction, type Zone } from './zone.ts';

/** What goes wrong with the call of this number, the first being 0. A killed caller sees `killed` thrown. */
export interface ModelFault {
  at: number;
  fault: 'reset before' | 'reset after' | 'killed before' | 'killed after';
}

interface Shown {
  id: string;
  name: string;
  type: string;
  content: string;
  ttl: number;
  proxied: boolean;
  comment: string | null;
}

/** One zone as the stand-in has it, without HTTP: for properties that look at thousands of worlds. */
export function zoneModel(
  name: string,
  records: readonly WholeRecord[],
  fault?: ModelFault,
  plan: Plan = plans.pro,
) {
  const zone: Zone = { id: newId(), name, plan, status: 'active', records: new Map() };
  transaction(zone, draft => {
    for (const record of records) create(draft, record);
  });
  const shown = (): Shown[] =>
    [...zone.records.values()].map(({ id, name, type, content, ttl, proxied, comment }) => ({
      ...{ id, name, type, content, ttl, proxied, comment },
    }));
  const history = [shown()];
  const killed = new Error('killed');
  let calls = 0;

  return {
    zone,
    /** What there was before the first call and after each. */
    history,
    killed,
    records: shown,
    async send(changes: Batch) {
      const wrong = calls++ === fault?.at ? fault.fault : undefined;
      if (wrong === 'killed before') throw killed;
      if (wrong === 'reset before') return { kind: 'lost' as const, reason: wrong };
      try {
        batch(zone, changes);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return { kind: 'rejected' as const, errors: [{ code: error.code, message: error.message }] };
      }
      history.push(shown());
      if (wrong === 'killed after') throw killed;
      return wrong ? { kind: 'lost' as const, reason: wrong } : { kind: 'applied' as const };
    },
  };
}
