import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import type { Sandbox } from './sandbox.ts';
import { serviceFolder } from './service-folder.ts';

const root = dirname(import.meta.dirname);
const execute = promisify(execFile);

/** The tag that the services' repositories begin with, and that the pins in the checkout name. */
export const firstTag = 'v0.1.0';

/** `https://github.com/acme/ui` → `acme/ui` */
const slug = (url: string): string => new URL(url).pathname.slice(1);

export interface Shop {
  /** The platform's name, which every name in Exoscale begins with. */
  name: string;
  /** `acme/platform` */
  platform: string;
  /** `{ ui: 'acme/ui', … }` */
  services: Record<string, string>;
  /** `{ ui: 'ghcr.io/acme/ui', … }` */
  images: Record<string, string>;
  /** `{ staging: 'staging.example.com', … }` */
  domains: Record<string, string>;
  /**
   * What a team commits to the platform repository: this checkout's, with the dependency lock that fits the sandbox's
   * provider, and without Let's Encrypt.
   */
  files: Record<string, string>;
}

/** What tests and releases Slipway itself, and would do so for an hour with every pull request. */
const ownWorkflows = ['ci.yml', 'release.yml'].map(name => `.github/workflows/${name}`);

/**
 * A team that has copied this checkout: a bucket for the state, a repository for each service, and an empty one for the platform, whose files are
 * returned to be committed.
 * @param whole the platform's repository is not empty but a copy of all of this checkout, without the workflows for Slipway
 *   itself
 */
export async function seedShop(sandbox: Sandbox, { whole = false } = {}): Promise<Shop> {
  const { name, repository, state, services, environments } = parse(
    await readFile(join(root, 'platform.yaml'), 'utf8'),
  ) as {
    name: string;
    repository: string;
    state: { bucket: string };
    services: Record<string, { repository: string; image: string }>;
    environments: Record<string, { domain: string }>;
  };
  const each = <T, Value>(of: Record<string, T>, value: (entry: T) => Value) =>
    Object.fromEntries(Object.entries(of).map(([name, entry]) => [name, value(entry)]));
  const files = await platformFiles();
  // Terraform takes as long to write the lock as all the repositories take.
  const [lock] = await Promise.all([
    lockFile(sandbox, files),
    seedRepositories(sandbox, slug(repository), services, whole),
    sandbox.storage.makeBucket(state.bucket),
  ]);
  return {
    name,
    platform: slug(repository),
    services: each(services, service => slug(service.repository)),
    images: each(services, ({ image }) => image),
    domains: each(environments, ({ domain }) => domain),
    files: { ...files, 'terraform/.terraform.lock.hcl': lock },
  };
}

/** One for the platform, as `seedShop` has it, and one for each service. */
async function seedRepositories(
  { github, run }: Sandbox,
  platform: string,
  services: Record<string, { repository: string }>,
  whole: boolean,
): Promise<void> {
  const empty = join(run.folder, 'platform-repository');
  await mkdir(empty, { recursive: true });
  await writeFile(join(empty, 'README.md'), '# The platform\n');
  await github.seed({
    [platform]: whole ? root : empty,
    ...Object.fromEntries(
      Object.entries(services).map(([name, service]) => [
        slug(service.repository),
        { folder: join(root, 'services', name), tag: firstTag },
      ]),
    ),
  });
  if (!whole) return;
  const files = Object.fromEntries(ownWorkflows.map(path => [path, null]));
  await github.repository(platform).commit({ files, message: 'Leave out what is about Slipway itself' });
}

/** Builds the image of a service of this checkout, where real nodes find it. Returns its digest. */
export async function publish(
  { images }: Sandbox,
  service: string,
  reference: string,
  revision: string,
): Promise<string> {
  if (!images) throw new Error('Nothing pulls images here: there are no real nodes');
  const folder = await serviceFolder(service);
  const environment = [`REVISION=${revision}`];
  return (await images()).addService({ reference, folder, command: ['src/main.ts'], environment });
}

/** The images that the pins in the checkout name. */
export async function publishAll(sandbox: Sandbox, { images }: Shop): Promise<void> {
  for (const [name, image] of Object.entries(images))
    await publish(sandbox, name, `${image}:${firstTag}`, firstTag);
}

async function platformFiles(): Promise<Record<string, string>> {
  const listed = await Promise.all(
    ['terraform', 'manifests'].map(async folder =>
      (await readdir(join(root, folder), { recursive: true, withFileTypes: true }))
        .filter(entry => entry.isFile() && !/\.test\.ts$|\.lock\.hcl$/.test(entry.name))
        .map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))
        .filter(file => !file.includes('/.terraform/')),
    ),
  );
  const files = ['platform.yaml', ...listed.flat()];
  return Object.fromEntries(
    await Promise.all(
      files.map(async file => [file, withoutLetsEncrypt(file, await readFile(join(root, file), 'utf8'))]),
    ),
  );
}

/**
 * Nothing here is known to Let's Encrypt, and cert-manager is in no Go module that could be built: the one line goes by which
 * an environment takes both in. Who serves the hosts here brings the certificate.
 */
export function withoutLetsEncrypt(file: string, text: string): string {
  if (!/^manifests\/environments\/[^/]+\/kustomization\.yaml$/.test(file)) return text;
  const without = text.replace('  - ../../platform/tls\n', '');
  if (without === text) throw new Error(`${file} does not list ../../platform/tls: mend sandbox/shop.ts`);
  return without;
}

/** Terraform's own record of the provider that is built here: its hash is no registry's. */
async function lockFile(sandbox: Sandbox, files: Record<string, string>): Promise<string> {
  const folder = join(sandbox.run.folder, 'lock');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'versions.tf'), files['terraform/versions.tf'] ?? '');
  await execute('terraform', ['init', '-backend=false', '-input=false'], {
    cwd: folder,
    env: await sandbox.environment(),
  });
  return readFile(join(folder, '.terraform.lock.hcl'), 'utf8');
}
