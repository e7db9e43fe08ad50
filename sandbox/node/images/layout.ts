import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { ImageConfig } from './recipe.ts';

const execute = promisify(execFile);

/** https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export interface Descriptor {
  mediaType: string;
  digest: string;
  /** In bytes. */
  size: number;
  annotations?: Record<string, string>;
}

export interface Manifest {
  schemaVersion: 2;
  mediaType: string;
  config: Descriptor;
  layers: Descriptor[];
}

interface Config {
  architecture: string;
  os: string;
  config: ImageConfig;
  rootfs: { type: 'layers'; diff_ids: string[] };
}

const oci = 'application/vnd.oci.image';
const architecture = process.arch === 'x64' ? 'amd64' : process.arch;

/**
 * A folder in the OCI image layout: every blob under its digest. Layers are not compressed, so that a layer's digest is also
 * that of what is in it.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export interface Layout {
  folder: string;
  /** The path of a blob; undefined if there is none. */
  blob(digest: string): string | undefined;
  /** Packs a folder as a layer. With `into`, it lies there in the image, and everything in it is root's. */
  addLayer(folder: string, into?: string): Promise<Descriptor>;
  addImage(layers: Descriptor[], config: ImageConfig): Descriptor;
  /** A manifest and its config, by the manifest's digest. */
  read(digest: string): { manifest: Manifest; config: Config };
}

/** @param others layouts whose blobs this one's images may use */
export function layout(folder: string, others: Layout[] = []): Layout {
  const blobs = join(folder, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));

  function blob(digest: string): string | undefined {
    const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
    if (hex === undefined) return undefined;
    const file = join(blobs, hex);
    return existsSync(file) ? file : others.map(other => other.blob(digest)).find(Boolean);
  }

  async function addLayer(source: string, into?: string): Promise<Descriptor> {
    const scratch = join(folder, `layer-${crypto.randomUUID()}`);
    const owned = into === undefined ? [] : ['--owner=0', '--group=0', `--transform=s,^[.],${into},S`];
    // The same files make the same bytes, whenever and wherever; and everybody may read them, whatever the umask was.
    const same = ['--sort=name', '--mtime=@0', '--numeric-owner', '--format=gnu', '--mode=go+rX'];
    await execute('tar', ['--create', '--file', scratch, ...same, ...owned, '--directory', source, '.']);
    const hash = createHash('sha256');
    await pipeline(createReadStream(scratch), hash);
    const hex = hash.digest('hex');
    const { size } = statSync(scratch);
    renameSync(scratch, join(blobs, hex));
    return { mediaType: `${oci}.layer.v1.tar`, digest: `sha256:${hex}`, size };
  }

  function addJson(mediaType: string, value: object): Descriptor {
    const bytes = Buffer.from(JSON.stringify(value));
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(blobs, hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  }

  function addImage(layers: Descriptor[], config: ImageConfig): Descriptor {
    const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) } as const;
    const whole: Config = { architecture, os: 'linux', config, rootfs };
    const manifest: Manifest = {
      schemaVersion: 2,
      mediaType: `${oci}.manifest.v1+json`,
      config: addJson(`${oci}.config.v1+json`, whole),
      layers,
    };
    return addJson(manifest.mediaType, manifest);
  }

  function read(digest: string) {
    const json = (digest: string) => JSON.parse(readFileSync(blob(digest) ?? `no blob ${digest}`, 'utf8'));
    const manifest = json(digest) as Manifest;
    return { manifest, config: json(manifest.config.digest) as Config };
  }

  return { folder, blob, addLayer, addImage, read };
}

/**
 * The layout's table of contents. containerd gets to know the images by other names, which nobody asks for: what it is to
 * know are their layers, since each run has images of its own on top of them.
 */
export function writeIndex(folder: string, images: Map<string, Descriptor>): void {
  const manifests = [...images].map(([name, descriptor]) => ({
    ...descriptor,
    annotations: {
      'io.containerd.image.name': `slipway.invalid/${name}`,
      'org.opencontainers.image.ref.name': name,
    },
  }));
  const index = { schemaVersion: 2, mediaType: `${oci}.index.v1+json`, manifests };
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
}

export function readIndex(folder: string): Map<string, Descriptor> {
  const { manifests } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
    manifests: Descriptor[];
  };
  return new Map(
    manifests.map(({ annotations, ...descriptor }) => [
      annotations?.['org.opencontainers.image.ref.name'] ?? '',
      descriptor,
    ]),
  );
}
