import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Descriptor } from './images/layout.ts';

/** What a registry hands out. */
export interface Store {
  find(reference: string): Descriptor | undefined;
  /** The path of a blob. */
  blob(digest: string): string | undefined;
}

export interface Registry {
  /** `http://ADDRESS:PORT` */
  url: string;
  close(): Promise<void>;
}

/**
 * Every registry of the world, for reading. A containerd that uses it as a mirror says in `ns` which one it means; to other
 * clients the repository begins with the registry's name: `127.0.0.1:PORT/quay.io/argoproj/argocd:v3.2.1`.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export async function openRegistry(store: Store, host: string): Promise<Registry> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://registry');
    const [, name = '', kind, reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(decodeURIComponent(pathname)) ?? [];
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, 'UNSUPPORTED', 'this registry is for reading');
    if (/^\/v2\/?$/.test(pathname)) return response.writeHead(200, { 'content-length': 0 }).end();

    const repository = [searchParams.get('ns'), name].filter(Boolean).join('/');
    const found =
      kind === 'manifests'
        ? store.find(reference.includes(':') ? reference : `${repository}:${reference}`)
        : { digest: reference, mediaType: 'application/octet-stream' };
    const path = found && store.blob(found.digest);
    if (!path && kind === 'manifests')
      return refuse(response, 404, 'MANIFEST_UNKNOWN', `there is no image ${repository} ${reference}`);
    if (!path || !found) return refuse(response, 404, 'BLOB_UNKNOWN', `there is no blob ${reference}`);

    response.writeHead(200, {
      'content-type': found.mediaType,
      'content-length': statSync(path).size,
      'docker-content-digest': found.digest,
    });
    if (request.method === 'HEAD') return response.end();
    return createReadStream(path).pipe(response);
  });
  server.listen(0, host);
  await once(server, 'listening');
  server.unref(); // whoever forgets to close it can still end
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ errors: [{ code, message }] }));
}
