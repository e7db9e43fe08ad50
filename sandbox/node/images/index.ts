import { appendFileSync, copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Run } from '../../run.ts';
import { template } from '../template.ts';
import { type Descriptor, type Layout, layout, readIndex } from './layout.ts';
import { node } from './node.ts';
import { caBundle, type ImageConfig } from './recipe.ts';

export interface Images {
  /** The manifest that a whole name (`docker.io/library/traefik:v3.6.1`) or a manifest's digest stands for. */
  find(reference: string): Descriptor | undefined;
  /** The path of a blob. */
  blob(digest: string): string | undefined;
  /** Assembles a service's image and offers it under its name; nodes that run can pull it at once. Returns its digest. */
  addService(service: Service): Promise<string>;
}

export interface Service {
  /** `ghcr.io/acme/product:v0.1.0`. A name that is given a second time means the new image from then on. */
  reference: string;
  /** All of it comes to lie in /app, as root's: the service with the node_modules that it needs to run. */
  folder: string;
  /** What Node is told: `['src/main.ts']`, in /app. */
  command: string[];
  /** `NAME=value` */
  environment?: string[];
}

/**
 * The images of a run: upstream's and the services', each with one more layer that makes its programs trust the run's own
 * authorities. That layer replaces the bundle of Debian's certificates by the same with `trusted` at its end.
 * @param trusted certificates in PEM
 */
export async function openImages(run: Run, trusted: string[]): Promise<Images> {
  const made = layout(join(await template(run), 'images'));
  const bases = readIndex(made.folder);
  const own = layout(join(run.folder, 'images'), [made]);
  const trust = await trustLayer(own, trusted);
  const references = new Map<string, Descriptor>();
  const digests = new Map<string, Descriptor>();

  function offer(reference: string, layers: Descriptor[], config: ImageConfig): string {
    const image = own.addImage(layers, config);
    references.set(reference, image);
    digests.set(image.digest, image);
    return image.digest;
  }
  const base = (reference: string) => {
    const descriptor = bases.get(reference);
    if (!descriptor) throw new Error(`${reference} is not in the template ${made.folder}`);
    const { manifest, config } = made.read(descriptor.digest);
    return { layers: manifest.layers, config: config.config };
  };
  for (const reference of bases.keys()) {
    const { layers, config } = base(reference);
    offer(reference, [...layers, trust], config);
  }

  return {
    find: reference => references.get(reference) ?? digests.get(reference),
    blob: own.blob,
    async addService({ reference, folder, command, environment = [] }) {
      const { layers, config } = base(node.reference);
      const service = await own.addLayer(folder, config.WorkingDir?.slice(1));
      const Env = [...(config.Env ?? []), ...environment];
      return offer(reference, [...layers, trust, service], { ...config, Cmd: command, Env });
    },
  };
}

async function trustLayer(own: Layout, trusted: string[]): Promise<Descriptor> {
  const root = join(own.folder, 'trust');
  const bundle = join(root, caBundle);
  mkdirSync(dirname(bundle), { recursive: true, mode: 0o755 });
  copyFileSync(caBundle, bundle);
  appendFileSync(bundle, trusted.map(certificate => `${certificate.trimEnd()}\n`).join(''));
  const layer = await own.addLayer(join(root, 'etc'), 'etc');
  rmSync(root, { recursive: true });
  return layer;
}
