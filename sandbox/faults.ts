/** What goes wrong with one request. The names say when: `before` the stand-in acts on it, or `after`. */
export type Effect =
  /** Answers with this status instead of acting. */
  | { kind: 'status'; status: number; body?: unknown; headers?: Record<string, string> }
  /** 429 with Retry-After in seconds, without acting. */
  | { kind: 'rate-limit'; retryAfter: number }
  /** A gateway's page: HTML with status 200, without acting. */
  | { kind: 'html' }
  /** Acts and answers as usual, this many milliseconds later. */
  | { kind: 'delay'; milliseconds: number }
  /** Never answers; the connection stays open. */
  | { kind: 'hang' }
  /** The connection is reset: nothing has happened. */
  | { kind: 'reset-before' }
  /** The connection is reset: it has happened, and the caller does not know. */
  | { kind: 'reset-after' }
  /** It has happened, and half of the answer arrives. */
  | { kind: 'truncate' }
  /** It has happened, half of the answer arrives, and nothing more; the connection stays open. */
  | { kind: 'stall' }
  /** Nothing goes wrong; who watches hears when it has happened. */
  | { kind: 'pass' };

/** One request, as whoever decides about it sees it. */
export interface Asked {
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

export interface Fault {
  effect: Effect;
  /** Which requests; every one unless told. `path` is matched as a regular expression against path and query. */
  method?: string;
  path?: string;
  /** How many matching requests pass unharmed first; 0 unless told. */
  skip?: number;
  /** How many are hit after that; 1 unless told. */
  times?: number;
}

export interface Faults {
  schedule(...faults: Fault[]): void;
  clear(): void;
  /** The effect for this request, counted down; the first scheduled fault that matches wins. */
  next(method: string, url: string): Effect | undefined;
}

export function createFaults(): Faults {
  let scheduled: { fault: Fault; path: RegExp | undefined; skip: number; times: number }[] = [];
  return {
    schedule(...faults) {
      for (const fault of faults) {
        const path = fault.path === undefined ? undefined : new RegExp(fault.path);
        scheduled.push({ fault, path, skip: fault.skip ?? 0, times: fault.times ?? 1 });
      }
    },
    clear() {
      scheduled = [];
    },
    next(method, url) {
      for (const entry of scheduled) {
        if (entry.fault.method && entry.fault.method !== method) continue;
        if (entry.path && !entry.path.test(url)) continue;
        if (entry.skip > 0) {
          entry.skip--;
          continue;
        }
        if (entry.times <= 0) continue;
        entry.times--;
        return entry.fault.effect;
      }
      return undefined;
    },
  };
}
