import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type UpstreamRepository, upstreams } from '../upstream/index.ts';
import { type Api, expectOk } from './api.ts';

interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  status?: unknown;
}

/** Creates the objects of a file one after the other, and writes the status of each as its controller would. */
export async function install(api: Api, file: string): Promise<void> {
  for (const object of documents(file)) {
    const path = pathOf(object);
    await expectOk(api('POST', path, object));
    if (object.status === undefined) continue;
    await expectOk(api('PATCH', `${path}/${object.metadata.name}/status`, { status: object.status }));
  }
}

/** Installs these definitions out of a pinned upstream repository, and waits until they are served. */
export async function define(
  api: Api,
  repository: UpstreamRepository,
  names: readonly string[],
): Promise<void> {
  const folder = (await upstreams([repository]))[0]?.folder ?? '';
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
    /\.ya?ml$/.test(name),
  );
  const all = files.flatMap(file => documents(join(folder, file)));
  for (const name of names) {
    const definition = all.find(
      ({ kind, metadata }) => kind === 'CustomResourceDefinition' && metadata.name === name,
    );
    if (!definition) throw new Error(`${repository} has no definition ${name}`);
    await expectOk(api('POST', pathOf(definition), definition));
  }
  for (const name of names) await established(api, name);
}

async function established(api: Api, name: string): Promise<void> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
  for (let tries = 0; tries < 150; tries++) {
    const { body } = await api<{ status?: { conditions?: { type: string; status: string }[] } }>('GET', path);
    const is = (type: string) =>
      body.status?.conditions?.some(each => each.type === type && each.status === 'True');
    if (is('Established')) return;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  throw new Error(`${name} was not established within 30 s`);
}

const documents = (file: string): KubernetesObject[] =>
  parseAllDocuments(readFileSync(file, 'utf8')).flatMap(document => {
    const value = document.toJS() as KubernetesObject | null;
    return value?.kind ? [value] : [];
  });

function pathOf({ apiVersion, kind, metadata: { namespace } }: KubernetesObject): string {
  const plural = `${kind.toLowerCase()}${kind.endsWith('s') ? 'es' : 's'}`;
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}${scope}/${plural}`;
}
