import { createHash } from 'node:crypto';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { publish, type Shop } from '../../sandbox/shop.ts';

export interface Build {
  /** The commit that was built. */
  revision: string;
  /** `NAME:TAG@sha256:…` */
  image: string;
}

/** A developer changes a service, and its pipeline builds an image of that commit. */
export async function buildService(
  sandbox: Sandbox,
  shop: Shop,
  service: string,
  { tag, note }: { tag: string; note: string },
): Promise<Build> {
  const repository = sandbox.github.repository(shop.services[service] ?? '');
  const readme = `${(await repository.file('README.md')) ?? ''}\n${note}\n`;
  const revision = await repository.commit({ files: { 'README.md': readme }, message: note });
  const reference = `${shop.images[service]}:${tag}`;
  const digest = sandbox.images
    ? await publish(sandbox, service, reference, revision)
    : imageDigest({ revision, readme });
  return { revision, image: `${reference}@${digest}` };
}

/**
 * The digest that a registry would give: of the image's manifest, which names its configuration and its one layer. Where
 * kwok plays the pods nobody pulls it, so the layer is the service's description.
 * https://github.com/opencontainers/image-spec/blob/main/manifest.md
 */
function imageDigest({ revision, readme }: { revision: string; readme: string }): string {
  const layer = descriptor('application/vnd.oci.image.layer.v1.tar', readme);
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: { Labels: { 'org.opencontainers.image.revision': revision } },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: [layer],
  };
  return descriptor(manifest.mediaType, JSON.stringify(manifest)).digest;
}

const descriptor = (mediaType: string, content: string) => ({
  mediaType,
  digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
  size: Buffer.byteLength(content),
});
