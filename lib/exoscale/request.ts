import { setTimeout as wait } from 'node:timers/promises';
import { UserError } from '../runner/errors.ts';
import { authorization } from './signature.ts';

export interface Credentials {
  key: string;
  secret: string;
  zone: string;
}

/** The parts of the world that a test plays itself. Times are in milliseconds. */
export interface Machine {
  fetch(url: URL, init: RequestInit): Promise<Response>;
  now(): number;
  sleep(milliseconds: number): Promise<unknown>;
}

export const realMachine: Machine = {
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  sleep: milliseconds => wait(milliseconds),
};

export interface Sending {
  body?: unknown;
  /** It may be sent again when nobody knows whether it has happened; true of a GET unless told. */
  repeatable?: boolean;
}

/** @param path under /v2 */
export type Send = <T>(method: string, path: string, sending?: Sending) => Promise<T>;

/** 404, from Exoscale itself */
export class NotFound extends UserError {
  override name = 'NotFound';
}

/** A write whose answer was lost: it may have happened. Look before anything else. */
export class ReplyLost extends UserError {
  override name = 'ReplyLost';
}

/** 409: it is there already, or somebody else is at it. */
export class Conflict extends UserError {
  override name = 'Conflict';
}

const attempts = 5;
const longestWait = 60_000;
const answerWithin = 30_000;
const signedFor = 10 * 60_000;

/** @throws UserError: Terraform's provider prints the secret when it is given without a key, so ask this first */
export function assertCredentials({ key, secret }: { key: string; secret: string }): void {
  const missing = [key === '' && 'EXOSCALE_API_KEY', secret === '' && 'EXOSCALE_API_SECRET'].filter(Boolean);
  if (missing.length > 0)
    throw new UserError(
      `Exoscale needs ${missing.join(' and ')}: create a key in the console under IAM and give both halves, as secrets of the environment or as variables of the shell`,
    );
}

/** What came of one try: an answer, or why there is none. */
type Outcome = { answer: unknown } | { problem: string; perhapsDone: boolean; waitFor?: number | undefined };

/** Sends signed requests to one zone. Every failure is a UserError of one sentence that names no secret. */
export function sender(credentials: Credentials, machine: Machine): Send {
  const host = `api-${credentials.zone}.exoscale.com`;

  return async <T>(method: string, path: string, { body, repeatable = method === 'GET' }: Sending = {}) => {
    assertCredentials(credentials);
    const url = new URL(`https://${host}/v2${path}`);
    const what = `${method} ${url.pathname} at ${host}`;
    for (let attempt = 1; ; attempt++) {
      const outcome = await attemptOnce(method, url, body);
      if ('answer' in outcome) return outcome.answer as T;
      const { problem, perhapsDone, waitFor = 1000 * 2 ** (attempt - 1) } = outcome;
      if (perhapsDone && !repeatable)
        throw new ReplyLost(
          `The answer to ${what} was lost (${problem}), and it may have happened: run this again, what is there already is found`,
        );
      if (attempt === attempts || waitFor > longestWait)
        throw new UserError(`${what} failed ${times(attempt)} (${problem}): run this again in a few minutes`);
      await machine.sleep(waitFor);
    }
  };

  async function attemptOnce(method: string, url: URL, body: unknown): Promise<Outcome> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const expires = Math.floor((machine.now() + signedFor) / 1000);
    const headers: Record<string, string> = {
      authorization: authorization(credentials, { method, url, body: text }, expires),
      'user-agent': 'slipway',
      ...(text !== undefined && { 'content-type': 'application/json' }),
    };
    try {
      const response = await machine.fetch(url, {
        method,
        headers,
        ...(text !== undefined && { body: text }),
        redirect: 'error',
        signal: AbortSignal.timeout(answerWithin),
      });
      return read(response, await response.text(), `${method} ${url.pathname}`);
    } catch (error) {
      if (error instanceof UserError) throw error;
      return unanswered(error);
    }
  }

  function read(response: Response, text: string, what: string): Outcome {
    const { status } = response;
    const answer = parse(text);
    const said = (answer as { message?: unknown } | undefined)?.message;
    const message = typeof said === 'string' ? said : `status ${status}`;
    if (status === 429)
      return { problem: 'too many requests', perhapsDone: false, waitFor: retryAfter(response) };
    if (status >= 500) return { problem: message, perhapsDone: true, waitFor: retryAfter(response) };
    if (status === 401 || status === 403)
      throw new UserError(
        `Exoscale refuses the key for ${what} in ${credentials.zone} (${message}): ${clockHint(response) ?? 'see that EXOSCALE_API_KEY and EXOSCALE_API_SECRET belong together and that the role of the key allows this'}`,
      );
    // A proxy's page says nothing of what is there.
    if (status === 404 && answer === undefined)
      return { problem: `status 404 with no JSON but ${excerpt(text)}`, perhapsDone: true };
    if (status === 404) throw new NotFound(`Exoscale has nothing at ${what} in ${credentials.zone}`);
    if (status >= 400) {
      const Refused = status === 409 ? Conflict : UserError;
      throw new Refused(`Exoscale refuses ${what} in ${credentials.zone}: ${message}`);
    }
    if (answer === undefined)
      return { problem: `the answer is not JSON but ${excerpt(text)}`, perhapsDone: true };
    return { answer };
  }

  /** A wrong clock looks like a wrong key: what was signed has expired before it arrives. */
  function clockHint(response: Response): string | undefined {
    const theirs = Date.parse(response.headers.get('date') ?? '');
    const minutes = Math.round((machine.now() - theirs) / 60_000);
    return Math.abs(minutes) >= 9 ? `the clock of this machine is ${minutes} minutes off, set it` : undefined;
  }

  /** Seconds or a date. */
  function retryAfter(response: Response): number | undefined {
    const value = response.headers.get('retry-after');
    if (value === null) return undefined;
    const until = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - machine.now();
    return Number.isNaN(until) ? undefined : Math.max(0, until);
  }
}

// The connection was never made, so nothing can have happened.
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

function unanswered(error: unknown): Outcome {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError')
    return { problem: `no answer within ${answerWithin / 1000} s`, perhapsDone: true };
  const code = cause?.code;
  return {
    problem: code ?? cause?.message ?? message,
    perhapsDone: code === undefined || !neverSent.has(code),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The title of a gateway's page, or the beginning of what else came. */
function excerpt(text: string): string {
  const title = /<title>([^<]*)<\/title>/i.exec(text)?.[1]?.trim();
  const beginning = (title ?? text).replace(/\s+/g, ' ').slice(0, 60);
  return beginning === '' ? 'empty' : `"${beginning}"`;
}

const times = (count: number) => (count === 1 ? 'once' : `${count} times`);
