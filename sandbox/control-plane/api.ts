import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pair } from '../certificates.ts';

export interface Answer<T> {
  status: number;
  body: T;
}

/** One request of Kubernetes' REST API. The answer's type is the caller's to know. */
export type Api = <T = unknown>(method: string, path: string, body?: unknown) => Promise<Answer<T>>;

/** How often it is asked whether the API server is done with what it says it is busy with. */
const tries = 20;

/**
 * The API for one who may do everything. Node's own fetch has no client certificates. What the API server does not take at
 * the moment (a kind whose storage it sets up, say) is asked again when it says so, as all of Kubernetes' clients do.
 */
export function apiClient(endpoint: string, ca: string, pair: Pair): Api {
  return async <T>(method: string, path: string, body?: unknown) => {
    for (let tried = 1; ; tried++) {
      const { retryAfter, ...answer } = await ask<T>({ endpoint, ca, ...pair }, method, path, body);
      if (answer.status !== 429 || retryAfter === undefined || tried === tries) return answer;
      await sleep(Number(retryAfter) * 1000);
    }
  };
}

interface Server extends Pair {
  endpoint: string;
  ca: string;
}

async function ask<T>(
  { endpoint, ca, certificate, key }: Server,
  method: string,
  path: string,
  body: unknown,
) {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const outgoing = request(new URL(path, endpoint), {
    method,
    ca,
    cert: certificate,
    key,
    headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': type }) },
    timeout: 10_000,
  });
  const answered = new Promise<Answer<T> & { retryAfter?: string }>((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('timeout', () =>
      outgoing.destroy(new Error(`${method} ${path} was not answered within 10 s`)),
    );
    outgoing.once('response', response => {
      const { statusCode: status = 0, headers } = response;
      text(response).then(content => {
        const json = headers['content-type']?.startsWith('application/json');
        const retryAfter = headers['retry-after'];
        resolve({ status, body: json ? JSON.parse(content) : content, ...(retryAfter && { retryAfter }) });
      }, reject);
    });
  });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  return answered;
}

/** @throws Error with what the API server said, unless it was a success */
export async function expectOk(answer: Promise<Answer<unknown>>): Promise<void> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`the API server answered ${status}: ${JSON.stringify(body)}`);
}
