import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Pair } from '../certificates.ts';

export interface Answer<T> {
  status: number;
  body: T;
}

/** One request of Kubernetes' REST API. The answer's type is the caller's to know. */
export type Api = <T = unknown>(method: string, path: string, body?: unknown) => Promise<Answer<T>>;

/** The API for one who may do everything. Node's own fetch has no client certificates. */
export function apiClient(endpoint: string, ca: string, { certificate, key }: Pair): Api {
  return async <T>(method: string, path: string, body?: unknown) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const outgoing = request(new URL(path, endpoint), {
      method,
      ca,
      cert: certificate,
      key,
      headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': type }) },
      timeout: 10_000,
    });
    const answered = new Promise<Answer<T>>((resolve, reject) => {
      outgoing.once('error', reject);
      outgoing.once('timeout', () =>
        outgoing.destroy(new Error(`${method} ${path} was not answered within 10 s`)),
      );
      outgoing.once('response', response => {
        const status = response.statusCode ?? 0;
        text(response).then(content => {
          const json = response.headers['content-type']?.startsWith('application/json');
          resolve({ status, body: json ? JSON.parse(content) : content });
        }, reject);
      });
    });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    return answered;
  };
}

/** @throws Error with what the API server said, unless it was a success */
export async function expectOk(answer: Promise<Answer<unknown>>): Promise<void> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`the API server answered ${status}: ${JSON.stringify(body)}`);
}
