import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CORE_SCHEMA, loadAll, Type } from 'js-yaml';
import { parse, stringify } from 'yaml';
import type { Source } from './application.ts';
import type { Commands } from './commands.ts';
import type { KubernetesObject } from './object.ts';

/** The objects that a source's folder describes, with the Application's own images and patches written into it first. */
export async function build(
  { run }: Commands,
  kubectl: string,
  tree: string,
  { path = '.', kustomize = {} }: Source,
): Promise<KubernetesObject[]> {
  const folder = join(tree, path);
  const exists = await stat(folder).then(
    found => found.isDirectory(),
    () => false,
  );
  if (!exists) throw new Error(`${path}: app path does not exist`);

  const { images = [], patches = [], ...unknown } = kustomize;
  const file = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'].find(each =>
    existsSync(join(folder, each)),
  );
  if (!file)
    throw new Error(`${path} has no kustomization.yaml, and this stand-in for Argo CD builds nothing else`);
  if (Object.keys(unknown).length > 0) {
    throw new Error(
      `this stand-in for Argo CD does not know kustomize.${Object.keys(unknown).join(', kustomize.')}`,
    );
  }
  if (images.length + patches.length > 0) {
    const kustomization = parse(await readFile(join(folder, file), 'utf8')) as Kustomization;
    await writeFile(join(folder, file), stringify(amend(kustomization, images, patches)));
  }

  const rendered = await run(kubectl, ['kustomize', folder], tree).catch((error: Error) => {
    throw new Error(`\`kustomize build ${path}\` failed: ${error.message.replaceAll(tree, '.')}`);
  });
  return parseManifests(rendered);
}

interface Kustomization {
  images?: Image[];
  patches?: unknown[];
}

interface Image {
  name: string;
  newName?: string;
  newTag?: string;
  digest?: string;
}

/** As `kustomize edit set image` does it, and as Argo CD appends patches: in the folder's own kustomization, not above it. */
export function amend(kustomization: Kustomization, images: string[], patches: unknown[]): Kustomization {
  const set = images.map(parseImage);
  const kept = (kustomization.images ?? []).filter(({ name }) => !set.some(image => image.name === name));
  return {
    ...kustomization,
    images: [...kept, ...set],
    patches: [...(kustomization.patches ?? []), ...patches],
  };
}

/** `[name=]image[:tag][@digest]`; a colon before the last slash is a registry's port. */
export function parseImage(text: string): Image {
  const [left = '', right] = text.split('=');
  const [, image = '', newTag, digest] = /^(.+?)(?::([^:/@]+))?(?:@(.+))?$/.exec(right ?? left) ?? [];
  return {
    name: right === undefined ? image : left,
    ...(right === undefined ? {} : { newName: image }),
    ...(newTag === undefined ? {} : { newTag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** @param text as kustomize writes it */
export const parseManifests = (text: string): KubernetesObject[] =>
  (loadAll(text, null, { schema }) as (KubernetesObject | null)[]).filter(object => object !== null);

/** Kubernetes still reads 0644 as YAML 1.1 does. */
const octal = new Type('tag:yaml.org,2002:int', {
  kind: 'scalar',
  resolve: (text: string | null) => text !== null && /^(0o?[0-7]+|0x[0-9a-fA-F]+|[-+]?[0-9]+)$/.test(text),
  construct: (text: string) => (/^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text)),
});
const schema = CORE_SCHEMA.extend({ implicit: [octal] });
