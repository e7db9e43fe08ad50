import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../runner/errors.ts';

/** What a request is for, in the words of an error. */
export interface Purpose {
  /** Completes "The token may not …": `write comments on pull requests`. */
  to: string;
  /** What the token must be allowed, as a workflow writes it under `permissions:`. */
  needs: string;
  /** What to do about a refusal, where the token is a person's and no job's. */
  advice?: string;
}

/** No answer, half an answer, or a gateway's: what was asked for may have happened or not. */
export class Unanswered extends Error {
  override name = 'Unanswered';
}

/** Refused for now: nothing has happened. */
class RateLimited extends Unanswered {
  /** How long GitHub asks to wait, in milliseconds. */
  readonly wait: number;

  constructor(message: string, wait: number) {
    super(message);
    this.wait = wait;
  }
}

// GitHub itself gives up after ten seconds.
const longest = 30_000;
const patience = [500, 1000, 2000, 4000];
// A longer wait than this is a minute of the runner's that somebody pays for, and the limit may last an hour.
const longestWait = 60_000;

type Work<T> = (request: { signal: AbortSignal }) => Promise<T>;

/**
 * One request that is acted on once at most. Where GitHub asks for patience it is sent again, for then nothing has happened.
 * @param work gets the options that bound its time
 * @throws Unanswered; UserError when the token is refused; whatever else GitHub says, as Octokit throws it
 */
export async function once<T>(purpose: Purpose, work: Work<T>): Promise<T> {
  for (let left = 3; ; left--) {
    try {
      return complete(await work({ signal: AbortSignal.timeout(longest) }));
    } catch (cause) {
      const error = translate(cause, purpose);
      if (!(error instanceof RateLimited) || left === 0) throw error;
      await sleep(error.wait);
    }
  }
}

// Octokit hands on what is not JSON, or is half of it, as text, and GraphQL's answer then as undefined.
function complete<T>(answer: T): T {
  const { data, status } = (answer ?? {}) as { data?: unknown; status?: number };
  if (answer !== undefined && (typeof data !== 'string' || status === 204)) return answer;
  throw new Unanswered('GitHub answered with something that is not JSON');
}

/** A request that may happen twice without harm: sent again until there is an answer. */
export async function patiently<T>(purpose: Purpose, work: Work<T>): Promise<T> {
  for (const pause of patience) {
    try {
      return await once(purpose, work);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      await sleep(pause);
    }
  }
  return once(purpose, work).catch(error => {
    if (!(error instanceof Unanswered)) throw error;
    throw new UserError(
      `GitHub gave no usable answer in ${patience.length + 1} attempts to ${purpose.to} (${error.message}): see https://www.githubstatus.com and run this again`,
    );
  });
}

/** What Octokit's errors have in common. GraphQL's come under HTTP 200, each with a type of its own. */
interface Failure {
  message: string;
  status?: number;
  response?: { headers?: Record<string, string | undefined> };
  errors?: { type?: string; message: string }[];
}

export const failure = (error: unknown): Partial<Failure> =>
  error instanceof Error ? (error as unknown as Failure) : {};

function translate(error: unknown, purpose: Purpose): unknown {
  const { status, message = '', response, errors } = failure(error);
  if (errors) return translateGraphQL(error, errors[0], purpose);
  if (status === undefined) return error;
  const headers = response?.headers ?? {};
  if (status >= 500) return new Unanswered(message);
  if (
    status === 429 ||
    (status === 403 && (headers['retry-after'] || headers['x-ratelimit-remaining'] === '0'))
  ) {
    return rateLimited(message, headers);
  }
  if (status === 401) {
    return new UserError(
      'GitHub does not know the github-token: give "${{ github.token }}", or a token that has not expired',
    );
  }
  // To a token that may not write, a repository may look as if it were not there.
  if (status === 403 || (status === 404 && /: write$/.test(purpose.needs)))
    return forbidden(message, purpose);
  return error;
}

function translateGraphQL(
  error: unknown,
  first: { type?: string; message: string } | undefined,
  purpose: Purpose,
) {
  const message = first?.message ?? '';
  switch (first?.type) {
    case 'FORBIDDEN':
    case 'INSUFFICIENT_SCOPES':
      return forbidden(message, purpose);
    case 'RATE_LIMITED':
      return new RateLimited(message, longestWait);
    // "Something went wrong while executing your query": GitHub's own time limit, after which the work may be done.
    case undefined:
    case 'SERVICE_UNAVAILABLE':
    case 'INTERNAL':
      return new Unanswered(message);
    default:
      return error;
  }
}

const forbidden = (message: string, { to, needs, advice }: Purpose) =>
  new UserError(
    `The github-token may not ${to} ("${message}"): ${advice ?? `give the job \`permissions: { ${needs} }\``}`,
  );

function rateLimited(message: string, headers: Record<string, string | undefined>): Error {
  const reset = Number(headers['x-ratelimit-reset']) * 1000 - Date.now();
  const wait = headers['retry-after'] ? Number(headers['retry-after']) * 1000 : reset;
  if (!(wait > longestWait)) return new RateLimited(message, Math.max(1000, wait || 0));
  return new UserError(
    `GitHub's rate limit is used up for another ${Math.ceil(wait / 60_000)} minutes: run this again after that`,
  );
}
