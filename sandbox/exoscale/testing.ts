import { createHmac } from 'node:crypto';
import { type OutgoingHttpHeaders, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterHook, DatabaseHook } from './api.ts';

/** Clusters and databases of which only this is remembered: what their hooks were called with. */
export function remembered() {
  const nodes = new Map<string, string[]>();
  const calls: string[] = [];
  const cluster: ClusterHook = {
    async create(name, { zone }) {
      calls.push(`cluster ${name} in ${zone}`);
      return { endpoint: 'https://127.0.0.1:6443', ca: 'a certificate' };
    },
    async delete() {
      calls.push('cluster gone');
    },
    async kubeconfig(_id, { user, groups, ttlSeconds }) {
      return `# ${user} in ${groups.join()} for ${ttlSeconds} s\nclient-key-data: c2VjcmV0\n`;
    },
    async scale(_id, pool, names) {
      nodes.set(pool, names);
    },
  };
  const database: DatabaseHook = {
    async create(name) {
      calls.push(`database ${name}`);
      return {
        host: '127.0.0.1',
        port: 5432,
        user: async (user, password = `${user}/of:${name}`) => ({ user, password }),
        database: async () => {},
      };
    },
    async delete(name) {
      calls.push(`database ${name} gone`);
    },
  };
  return { calls, nodes, cluster, database };
}

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at what it expects to be there
  body: any;
}

/** Calls the API of one zone as a client does, over plain HTTP. */
export function caller(url: string, { key, secret }: { key: string; secret: string }) {
  return async (
    method: string,
    path: string,
    body?: unknown,
    { zone = 'ch-gva-2', sign = true } = {},
  ): Promise<Answer> => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const expires = Math.floor(Date.now() / 1000) + 600;
    const message = `${method} /v2${path}\n${text}\n\n\n${expires}`;
    const signature = createHmac('sha256', secret).update(message).digest('base64');
    const headers: OutgoingHttpHeaders = { host: `api-${zone}.exoscale.com` };
    if (sign)
      headers.authorization = `EXO2-HMAC-SHA256 credential=${key},expires=${expires},signature=${signature}`;
    if (text !== '') headers['content-type'] = 'application/json';
    return new Promise((resolve, reject) => {
      const sent = request(`${url}/v2${path}`, { method, headers }, async response => {
        const answered = (await response.toArray()).join('');
        resolve({
          status: response.statusCode ?? 0,
          body: answered === '' ? undefined : JSON.parse(answered),
        });
      });
      sent.on('error', reject).end(text);
    });
  };
}

/** Sends what creates something and waits for its operation. @returns the id of what it is about */
export const maker =
  (call: ReturnType<typeof caller>) =>
  async (path: string, body: object): Promise<string> => {
    const { status, body: operation } = await call('POST', path, body);
    if (operation?.state !== 'pending')
      throw new Error(`POST ${path} was answered with ${status} ${JSON.stringify(operation)}`);
    await settled(call, operation.id);
    return operation.reference.id;
  };

/** Waits until an operation has succeeded. */
export async function settled(call: ReturnType<typeof caller>, operation: string): Promise<void> {
  for (const deadline = Date.now() + 5000; ; await sleep(5)) {
    const { state, message } = (await call('GET', `/operation/${operation}`)).body;
    if (state === 'success') return;
    if (Date.now() > deadline) throw new Error(`The operation is still ${state}: ${message}`);
  }
}
