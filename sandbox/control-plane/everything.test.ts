import { expect, test } from 'vitest';
import type { Api } from './api.ts';
import { everything } from './everything.ts';
import type { ControlPlane } from './index.ts';

const found = { items: [{ metadata: { name: 'shop', uid: 'one' } }] };
const wrong = { kind: 'Status', message: 'etcdserver: request timed out' };

/** A cluster with one namespace, in which the list that `path` ends with is answered with `status`. */
const answering = (path: string, status: number) => {
  const api: Api = async <T>(_: string, asked: string) => {
    const answer = asked === '/api/v1/namespaces' ? found : { items: [] };
    return (asked.endsWith(path) ? { status, body: wrong } : { status: 200, body: answer }) as {
      status: number;
      body: T;
    };
  };
  return { api } as ControlPlane;
};

test.each([
  ['/v1/namespaces', 500],
  ['/v1/secrets', 403],
  ['/v1/deployments', 404],
  ['/applications', 503],
])('a list of %s that is answered with %i is not an empty one', async (path, status) => {
  await expect(everything(answering(path, status), [])).rejects.toThrow(
    `${path} was answered with ${status}: {"kind":"Status","message":"etcdserver: request timed out"}`,
  );
});

test('where Argo CD is not defined, there is nothing of it', async () => {
  expect(Object.keys(await everything(answering('/applications', 404), []))).toEqual(['namespaces /shop']);
});
