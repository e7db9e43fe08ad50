import createClient, { type Client } from 'openapi-fetch';
import { fromFailure, fromResponse, isLoggedOut } from './problem.ts';
import type { paths as ProductPaths } from './product.d.ts';
import type { paths as UserPaths } from './user-manager.d.ts';

const patienceSeconds = 15;

/** The two services behind the API's host. They are there once `connect` was called. */
export let products: Client<ProductPaths>;
export let users: Client<UserPaths>;

let loggedOut: () => void = () => {};

/** @param onLoggedOut told whenever an answer says that the session is no more */
export function connect(apiOrigin: string, onLoggedOut: () => void): void {
  const options = { baseUrl: apiOrigin, credentials: 'include', fetch: patiently } as const;
  products = createClient<ProductPaths>(options);
  users = createClient<UserPaths>(options);
  loggedOut = onLoggedOut;
}

function patiently(request: Request): Promise<Response> {
  const limit = AbortSignal.timeout(patienceSeconds * 1000);
  return fetch(request, { signal: AbortSignal.any([request.signal, limit]) });
}

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * The body of an answer that is good.
 * @throws {ApiError} for every other end, and nothing else
 */
export async function call<T>(request: Promise<Outcome<T>>): Promise<T> {
  return (await callFully(request)).body;
}

/** The same with its headers. */
export async function callFully<T>(request: Promise<Outcome<T>>): Promise<{ body: T; headers: Headers }> {
  const { data, error, response } = await request.catch(failure => {
    throw fromFailure(failure);
  });
  if (response.ok) return { body: data as T, headers: response.headers };
  const problem = fromResponse(response, error);
  if (isLoggedOut(problem)) loggedOut();
  throw problem;
}
