import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError, UserErrors } from '../runner/errors.ts';
import { closest } from './closest.ts';
import type { Path } from './load.ts';
import { type Manifest, readManifests } from './manifest.ts';
import { dnsZones, type PlatformFile, type Service, serviceHost } from './platform.ts';

/**
 * Compares the pins, projects and other Applications below a folder with platform.yaml.
 * @param folder `manifests`, as it is to stand before the names of files in errors
 * @throws UserErrors with everything that does not agree, each at its line and column
 */
export async function checkPins(platform: PlatformFile, folder: string): Promise<void> {
  const names = (await readdir(folder, { recursive: true })).filter(name => /\.ya?ml$/.test(name)).sort();
  const files = await Promise.all(
    names.map(async name => [join(folder, name), await readFile(join(folder, name), 'utf8')] as const),
  );
  const errors = pinErrors(platform, folder, Object.fromEntries(files));
  if (errors.length > 0) throw new UserErrors(errors);
}

/** @param files the text of every manifest below `folder`, by its name */
export function pinErrors(
  platform: PlatformFile,
  folder: string,
  files: Record<string, string>,
): UserError[] {
  const manifests = Object.entries(files).flatMap(([file, text]) => readManifests(text, file));
  const objects = (kind: string) => manifests.filter(each => each.value('kind') === kind);
  const names = Object.keys(platform.environments);
  const belongs = ({ file }: Manifest, environment: string) =>
    file.startsWith(join(folder, 'environments', environment, '/'));
  const above = join(folder, 'environments', '/');
  const folders = manifests
    .filter(({ file }) => file.startsWith(above))
    .map(({ file }) => file.slice(above.length).split('/')[0] ?? '');
  const strangers = [...new Set(folders)].filter(name => !names.includes(name));
  const isPin = (each: Manifest) =>
    names.some(name => belongs(each, name) && each.value('spec', 'project') === name);

  const ofEnvironments = names.flatMap(name => {
    const own = manifests.filter(each => belongs(each, name));
    return environmentErrors(platform, name, join(folder, 'environments', name), own);
  });
  const known = (each: Manifest) => !strangers.some(name => belongs(each, name));
  const others = objects('Application')
    .filter(each => !isPin(each) && known(each))
    .flatMap(each => same(each, ['spec', 'source', 'repoURL'], platform.repository));
  return [
    ...strangers.map(name => unknownEnvironment(name, join(folder, 'environments', name), names)),
    ...ofEnvironments,
    ...others,
  ];
}

function unknownEnvironment(name: string, file: string, known: readonly string[]): UserError {
  const hint = closest(name, known);
  const cure = hint
    ? `rename the folder if you mean "${hint}", or delete it`
    : 'rename the folder or delete it';
  return new UserError(`There is no environment "${name}" in platform.yaml: ${cure}`, { file });
}

function environmentErrors(
  platform: PlatformFile,
  environment: string,
  folder: string,
  manifests: Manifest[],
): UserError[] {
  const pins = manifests.filter(
    each => each.value('kind') === 'Application' && each.value('spec', 'project') === environment,
  );
  const services = Object.entries(platform.services);
  return [
    ...services.flatMap(([name, service]) => {
      const file = join(folder, `${name}.yaml`);
      const pin = manifests.find(each => each.file === file);
      if (!pin) {
        const message = `"${name}" has no pin in ${environment}: copy the pin of another service to this file and change what differs`;
        return [new UserError(message, { file })];
      }
      return [
        ...pinMistakes(platform, environment, name, service, pin),
        ...unlisted(manifests, folder, `${name}.yaml`),
      ];
    }),
    ...pins.flatMap(pin => unknownService(platform, pin)),
    ...projectErrors(platform, environment, folder, manifests),
    ...manifests
      .filter(each => !pins.includes(each))
      .flatMap(each => strayNames(platform, environment, each)),
  ];
}

/** Outside the pins too, a name in the platform's zone is a host of this environment, or its domain. */
function strayNames(platform: PlatformFile, environment: string, manifest: Manifest): UserError[] {
  const settings = platform.environments[environment];
  if (!settings) return [];
  const hosts = Object.values(platform.services).map(each => serviceHost(each, settings));
  const names = strings(manifest.value()).flatMap(text => text.match(inZone(platform)) ?? []);
  return [...new Set(names)]
    .filter(name => name !== settings.domain && !hosts.includes(name))
    .map(name => {
      const message = `"${name}" is no host of ${environment}, nor its domain: by platform.yaml that is ${settings.domain}`;
      return new UserError(message, manifest.within(name));
    });
}

/** Every text in a value, however deep. */
const strings = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(strings)
      : [];

const inZone = ({ dns }: PlatformFile): RegExp => {
  const zones = dnsZones(dns).map(zone => zone.replaceAll('.', '\\.'));
  return new RegExp(`(?<![a-z0-9.-])([a-z0-9-]+\\.)*(${zones.join('|')})(?![a-z0-9.-])`, 'gi');
};

function pinMistakes(
  platform: PlatformFile,
  environment: string,
  name: string,
  service: Service,
  pin: Manifest,
): UserError[] {
  return [
    ...same(pin, ['kind'], 'Application'),
    ...same(pin, ['metadata', 'name'], name),
    ...same(pin, ['spec', 'project'], environment),
    // Where bootstrap brings the database's credentials: services elsewhere would wait for them for ever.
    ...same(pin, ['spec', 'destination', 'namespace'], platform.name),
    ...same(pin, ['spec', 'source', 'repoURL'], service.repository),
    ...same(pin, ['spec', 'source', 'path'], service.path ?? 'deploy'),
    ...revisionMistake(pin),
    ...imageMistake(pin, service.image),
    ...hostMistakes(platform, environment, service, pin),
  ];
}

/** One value that platform.yaml decides. */
function same(manifest: Manifest, path: Path, wanted: string): UserError[] {
  const found = manifest.value(...path);
  if (found === wanted) return [];
  const what = path.join('.');
  const message =
    found === undefined
      ? `${what} is missing: write ${wanted}, as platform.yaml has it`
      : `${what} is "${found}": platform.yaml says ${wanted}; change one of the two`;
  return [new UserError(message, manifest.at(...path))];
}

const revision = ['spec', 'source', 'targetRevision'];

function revisionMistake(pin: Manifest): UserError[] {
  const found = pin.value(...revision);
  if (typeof found === 'string' && !/^(HEAD|main|master|refs\/heads\/.*)$/.test(found)) return [];
  const message = `targetRevision is ${found === undefined ? 'missing' : `"${found}", which moves by itself`}: write a tag or a commit`;
  return [new UserError(message, pin.at(...revision))];
}

const images = ['spec', 'source', 'kustomize', 'images'];

function imageMistake(pin: Manifest, image: string): UserError[] {
  const found = (pin.value(...images) ?? []) as unknown[];
  const index = found.findIndex(
    each => typeof each === 'string' && /^([^:@]|:(?=.*\/))+/.exec(each)?.[0] === image,
  );
  if (index < 0) {
    return [
      new UserError(
        `There is no version of ${image} here: add "${image}:TAG" or "${image}@DIGEST", or correct its image in platform.yaml`,
        pin.at(...images),
      ),
    ];
  }
  const version = String(found[index]).slice(image.length);
  if (/^(:[\w][\w.-]*)?(@sha256:[0-9a-f]{64})?$/.test(version) && version !== '' && version !== ':latest')
    return [];
  const message = `"${found[index]}" is no fixed version: write "${image}:TAG" or "${image}@sha256:…" with a tag that does not move`;
  return [new UserError(message, pin.at(...images, index))];
}

const patches = ['spec', 'source', 'kustomize', 'patches'];

/** Every name in the platform's zones that a pin's patches mention is a host of this environment, its own among them. */
function hostMistakes(
  platform: PlatformFile,
  environment: string,
  service: Service,
  pin: Manifest,
): UserError[] {
  const settings = platform.environments[environment];
  if (!settings) return [];
  const own = serviceHost(service, settings);
  const hosts = Object.values(platform.services).map(each => serviceHost(each, settings));
  const texts = ((pin.value(...patches) ?? []) as { patch?: unknown }[]).map(({ patch }) =>
    String(patch ?? ''),
  );
  const mentioned = texts.flatMap((text, index) =>
    [...text.matchAll(inZone(platform))].map(([host]) => ({ host, index })),
  );

  const wrong = mentioned
    .filter(({ host }) => !hosts.includes(host))
    .map(({ host, index }) => {
      const message = `"${host}" is no host of ${environment}: by platform.yaml this service has ${own}`;
      return new UserError(message, pin.within(host, ...patches, index, 'patch'));
    });
  if (wrong.length > 0 || mentioned.some(({ host }) => host === own)) return wrong;
  return [new UserError(`The service's host is not set: add a patch that sets ${own}`, pin.at(...patches))];
}

function unlisted(manifests: Manifest[], folder: string, name: string): UserError[] {
  const kustomization = manifests.find(({ file }) => file === join(folder, 'kustomization.yaml'));
  const listed = (kustomization?.value('resources') ?? []) as unknown[];
  if (!kustomization || listed.includes(name)) return [];
  return [
    new UserError(`${name} is not listed, so nobody applies it: add it here`, kustomization.at('resources')),
  ];
}

function unknownService({ services }: PlatformFile, pin: Manifest): UserError[] {
  const name = String(pin.value('metadata', 'name'));
  if (name in services) return [];
  const hint = closest(name, Object.keys(services));
  const message = `There is no service "${name}" in platform.yaml: ${hint ? `did you mean "${hint}"?` : 'add it there, or delete this pin'}`;
  return [new UserError(message, pin.at('metadata', 'name'))];
}

function projectErrors(
  { services }: PlatformFile,
  environment: string,
  folder: string,
  manifests: Manifest[],
): UserError[] {
  const project = manifests.find(
    each => each.value('kind') === 'AppProject' && each.value('metadata', 'name') === environment,
  );
  if (!project) {
    const message = `There is no AppProject "${environment}": copy the project of another environment and change its name`;
    return [new UserError(message, { file: join(folder, 'project.yaml') })];
  }
  const path = ['spec', 'sourceRepos'];
  const wanted = Object.values(services).map(({ repository }) => repository);
  const found = (project.value(...path) ?? []) as unknown[];
  return [
    ...wanted
      .filter(repository => !found.includes(repository))
      .map(
        repository =>
          new UserError(
            `${repository} is missing: add it, or its service cannot be deployed`,
            project.at(...path),
          ),
      ),
    ...found.flatMap((repository, index) =>
      wanted.includes(String(repository))
        ? []
        : [
            new UserError(
              `${repository} is no service's repository in platform.yaml: delete this line`,
              project.at(...path, index),
            ),
          ],
    ),
  ];
}
