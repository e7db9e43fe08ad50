import { request } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { etcdSocket } from './flags.ts';
import type { ControlPlane } from './index.ts';

/** What the control plane writes for itself, and takes away itself. */
const own = /^\/registry\/(leases|masterleases|events|apiregistration\.k8s\.io)\//;
/** In one transaction of etcd's. */
const most = 100;

/**
 * Remembers what is in a cluster, and takes away what has come since: in a tenth of the time of a new control plane. It is
 * deleted where the API server keeps it, so no finalizer holds it up.
 * @param folder the control plane's
 */
export async function resettable({ api }: ControlPlane, folder: string): Promise<() => Promise<void>> {
  const socket = join(folder, etcdSocket);
  const known = new Set(await settled(socket));
  return async () => {
    // Controllers make some of it again, before they have heard that what it belongs to is gone.
    for (let [quiet, tries] = [0, 0]; quiet < 3; await sleep(100)) {
      const added = (await keys(socket)).filter(key => !known.has(key) && !own.test(decoded(key)));
      const { status } = await api('GET', '/apis/argoproj.io');
      quiet = added.length === 0 && status === 404 ? quiet + 1 : 0;
      if (++tries > 200) throw new Error(`Of a cluster ${added.map(decoded).join(', ')} does not go`);
      for (let at = 0; at < added.length; at += most) {
        const success = added.slice(at, at + most).map(key => ({ request_delete_range: { key } }));
        await ask(socket, 'txn', { success });
      }
    }
  };
}

/** All keys, as soon as each namespace has what controllers make in every one: later it would look as if somebody had added it. */
async function settled(socket: string): Promise<string[]> {
  for (let tries = 0; tries < 300; tries++) {
    const all = await keys(socket);
    const names = new Set(all.map(decoded));
    const spaces = [...names].flatMap(name => /^\/registry\/namespaces\/(.+)$/.exec(name)?.[1] ?? []);
    const isWhole = (space: string) =>
      names.has(`/registry/configmaps/${space}/kube-root-ca.crt`) &&
      names.has(`/registry/serviceaccounts/${space}/default`);
    if (spaces.length > 0 && spaces.every(isWhole)) return all;
    await sleep(100);
  }
  throw new Error(
    'The controllers of a new cluster have not made what every namespace has within half a minute',
  );
}

const decoded = (key: string) => Buffer.from(key, 'base64').toString();
const encoded = (text: string) => Buffer.from(text).toString('base64');

/** All that there are, in base64. */
async function keys(socket: string): Promise<string[]> {
  const range = { key: encoded('/registry/'), range_end: encoded('/registry0'), keys_only: true };
  const { kvs = [] } = await ask<{ kvs?: { key: string }[] }>(socket, 'range', range);
  return kvs.map(({ key }) => key);
}

/** https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/ */
async function ask<T>(socketPath: string, what: 'range' | 'txn', body: object): Promise<T> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: `/v3/kv/${what}`, method: 'POST' }, response => {
      const answer = json(response) as Promise<T>;
      if (response.statusCode === 200) return answer.then(resolve, reject);
      return answer.then(said => reject(new Error(`etcd says ${JSON.stringify(said)}`)), reject);
    });
    asked.once('error', reject);
    asked.end(JSON.stringify(body));
  });
}
