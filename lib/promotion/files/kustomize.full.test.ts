import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { tool } from '../../../sandbox/tools/build.ts';
import { normalise, parseReference } from '../reference.ts';
import { after, before, type Case } from './corpus/case.ts';
import { kustomizations } from './corpus/kustomization.ts';
import { kustomizationLayouts } from './corpus/kustomization-layout.ts';
import { planFiles } from './plan-files.ts';
import { readWishes } from './wishes.ts';

/* What the editor has written is read by kustomize itself: it must render the images that were wished. */

let kubectl: string;
beforeAll(async () => {
  kubectl = await tool('kubectl');
});

const names = (text: string): string[] => [
  ...new Set([...text.matchAll(/\bname"?: *["']?([\w./-]+)/g)].map(match => match[1] ?? '')),
];

/** A Pod with a container for each name, at a version that must not be left. */
const app = (text: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app' },
    spec: {
      containers: names(text).map((name, index) => ({
        name: `c${index}`,
        image: `${name}:base@sha256:${'0'.repeat(64)}`,
      })),
    },
  });

/** The rendered image of each name. */
async function rendered(kustomization: string): Promise<Map<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'kustomize-'));
  try {
    await writeFile(join(folder, 'kustomization.yaml'), kustomization);
    await writeFile(join(folder, 'app.yaml'), app(kustomization));
    const { stdout } = await promisify(execFile)(kubectl, ['kustomize', folder], {
      env: { PATH: process.env.PATH },
    });
    const pod = parseAllDocuments(stdout)
      .map(document => document.toJS() as { kind: string; spec: { containers: { image: string }[] } })
      .find(({ kind }) => kind === 'Pod');
    return new Map(
      names(kustomization).map((name, index) => [name, pod?.spec.containers[index]?.image ?? '']),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

const cases = [...kustomizations, ...kustomizationLayouts].filter(({ text }) => text.includes('app.yaml'));

test.each(cases)('$name: kustomize renders what was wished, and the other images as before', async each => {
  const { name: _, text: __, ...wanted }: Case = each;
  const wishes = readWishes(wanted);
  for (const ending of ['\n', '\r\n']) {
    const old = before(each).replaceAll('\n', ending);
    const [planned] = planFiles([{ path: 'kustomization.yaml', bytes: Buffer.from(old) }], wishes);
    const text = Buffer.from(planned?.edited.bytes ?? []).toString();
    expect(text).toBe(after(each).replaceAll('\n', ending));
    const images = await rendered(text);
    for (const { name, repository, tag, digest } of wishes.images) {
      const image =
        [...images].find(([entry]) => entry === name || normalise(entry) === normalise(name))?.[1] ?? '';
      const found = parseReference(image);
      expect({ tag: found?.tag, digest: found?.digest }, image).toEqual({ tag, digest });
      if (repository) expect(normalise(found?.repository ?? '')).toBe(normalise(repository));
      images.delete(name);
    }
    if (images.size === 0 || wishes.images.length === 0) continue;
    // A file that kustomize could not read before has nothing to compare with.
    const former = await rendered(old).catch(() => images);
    for (const [name, image] of images) {
      if (!wishes.images.some(wish => normalise(wish.name) === normalise(name)))
        expect(image).toBe(former.get(name));
    }
  }
});
