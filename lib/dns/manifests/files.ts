import { readdir, readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { LineCounter, parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../kubectl/kubectl.ts';
import { UserError } from '../../runner/errors.ts';

/** What a folder holds, by how it is to be read. */
export interface Contents {
  /** Folders to be rendered. */
  kustomizations: string[];
  /** Files to be taken as they are. */
  files: string[];
  /** Folders that are Helm charts. */
  charts: string[];
}

export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

const isManifest = (name: string): boolean => /\.ya?ml$/.test(name);

/** All that is below a folder; below a kustomization only other kustomizations, for its files are its to choose. */
export async function contents(folder: string, { recurse = true, within = false } = {}): Promise<Contents> {
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = entries.filter(entry => !entry.isDirectory()).map(({ name }) => name);
  if (files.includes('Chart.yaml')) return { kustomizations: [], files: [], charts: [folder] };

  const isKustomization = files.some(name => kustomizationNames.includes(name));
  const folders = entries.filter(
    entry => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules',
  );
  const below = await Promise.all(
    (recurse ? folders : []).map(({ name }) =>
      contents(join(folder, name), { within: within || isKustomization }),
    ),
  );
  const own = isKustomization || within ? [] : files.filter(isManifest).map(name => join(folder, name));
  return {
    kustomizations: [...(isKustomization ? [folder] : []), ...below.flatMap(each => each.kustomizations)],
    files: [...own, ...below.flatMap(each => each.files)],
    charts: below.flatMap(({ charts }) => charts),
  };
}

/** Those that no other takes in, and that are no mere components. */
export async function outermost(folders: readonly string[]): Promise<string[]> {
  const all = await Promise.all(folders.map(kustomization));
  const taken = new Set(
    all.flatMap(({ folder, value }) =>
      [value.resources, value.bases, value.components].flatMap(list =>
        Array.isArray(list) ? list.map(each => join(folder, String(each), '.')) : [],
      ),
    ),
  );
  return all
    .filter(({ folder, value }) => value.kind !== 'Component' && !taken.has(normalize(folder)))
    .map(({ folder }) => folder);
}

/** A folder's kustomization: its file, and what stands in it. */
export async function kustomization(folder: string) {
  const names = await readdir(folder);
  const name = kustomizationNames.find(each => names.includes(each)) ?? 'kustomization.yaml';
  const { values } = parseFile(await readFile(join(folder, name), 'utf8'), join(folder, name));
  return { folder, name, value: (values[0] ?? {}) as Record<string, unknown> };
}

/** @returns the errors of what is no YAML, each at its place */
export async function objectsIn(file: string): Promise<{ objects: KubeObject[]; errors: UserError[] }> {
  const { values, errors } = parseFile(await readFile(file, 'utf8'), file);
  return { objects: values.flatMap(flat), errors };
}

function parseFile(source: string, file: string): { values: unknown[]; errors: UserError[] } {
  const lines = new LineCounter();
  const documents = parseAllDocuments(source, { lineCounter: lines });
  const errors: UserError[] = [];
  const values: unknown[] = [];
  const fail = (message: string, offset: number) => {
    const { line, col } = lines.linePos(offset);
    const [what = ''] = message.split(' at line ');
    errors.push(
      new UserError(`This is not valid YAML: ${what.replace(/\s+/g, ' ')}`, { file, line, column: col }),
    );
  };
  for (const document of documents) {
    for (const { message, pos } of document.errors) fail(message, pos[0]);
    if (document.errors.length > 0) continue;
    try {
      values.push(document.toJS());
    } catch (error) {
      fail((error as Error).message, document.range[0]); // an alias of nothing, or one of thousands
    }
  }
  return { values, errors };
}

/** The objects of a document: of a List all, of a file of other things none. */
export function flat(value: unknown): KubeObject[] {
  if (typeof value !== 'object' || value === null) return [];
  const { kind, apiVersion, items, metadata } = value as Record<string, unknown>;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') return [];
  if (kind.endsWith('List') && Array.isArray(items)) return items.flatMap(flat);
  if (typeof metadata !== 'object' || metadata === null) return [];
  const { name, generateName, namespace, annotations, labels } = metadata as Record<string, unknown>;
  const named = name ?? (generateName === undefined ? undefined : `${generateName}*`);
  if (named === undefined) return [];
  return [
    {
      ...value,
      ...{ apiVersion, kind },
      metadata: {
        name: String(named),
        ...(namespace !== undefined && { namespace: String(namespace) }),
        annotations: texts(annotations),
        labels: texts(labels),
      },
    },
  ];
}

/** As a cluster would hold them: a number without quotes is a mistake there, and is read as it is meant here. */
const texts = (map: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries((map ?? {}) as Record<string, unknown>).map(([key, value]) => [key, String(value ?? '')]),
  );
