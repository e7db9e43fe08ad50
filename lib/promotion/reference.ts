/** An image with its version. https://github.com/distribution/reference */
export interface Reference {
  /** As it is written, without tag and digest. */
  repository: string;
  tag?: string;
  digest?: string;
}

// The grammar as https://github.com/distribution/reference/blob/v0.6.0/regexp.go has it, name by name.
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const label = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domain = `(?:${label}(?:\\.${label})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`;
const name = `(?:${domain}/)?${component}(?:/${component})*`;
const tag = '\\w[\\w.-]{0,127}';
// Of the algorithms that the grammar leaves open, these are the registered ones: others are refused by every registry.
const digest = 'sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}';
const pattern = new RegExp(`^(?<repository>${name})(?::(?<tag>${tag}))?(?:@(?<digest>${digest}))?$`);
const versionPattern = new RegExp(`^(?::(?<tag>${tag}))?(?:@(?<digest>${digest}))?$`);

/** Undefined for what is no image reference, and for 64 bare hexadecimal digits, which Docker takes for the id of an image. */
export function parseReference(text: string): Reference | undefined {
  const { repository, tag, digest } = pattern.exec(text)?.groups ?? {};
  if (!repository || /^[0-9a-f]{64}$/.test(text)) return undefined;
  const [, path] = splitDomain(repository);
  // Without a domain that is one, what stands in front of the first slash belongs to the path, and a path is lower case.
  if (path.length > 255 || path !== path.toLowerCase()) return undefined;
  return { repository, ...(tag && { tag }), ...(digest && { digest }) };
}

/** `:TAG`, `@DIGEST` or both, without a repository. Undefined for anything else, and for nothing. */
export function parseVersion(text: string): Omit<Reference, 'repository'> | undefined {
  const { tag, digest } = versionPattern.exec(text)?.groups ?? {};
  return tag || digest ? { ...(tag && { tag }), ...(digest && { digest }) } : undefined;
}

/** The registry's domain, Docker's where none is named, and the path in it, `library/` included. */
export function splitDomain(repository: string): [domain: string, path: string] {
  const [first = '', ...rest] = repository.split('/');
  const isDomain = rest.length > 0 && (/[.:A-Z]/.test(first) || first === 'localhost');
  const path = isDomain ? rest.join('/') : repository;
  const domain = !isDomain || first === 'index.docker.io' ? 'docker.io' : first.toLowerCase();
  return [domain, domain === 'docker.io' && !path.includes('/') ? `library/${path}` : path];
}

/** Docker's short names in full, to compare and never to write: `nginx` is `docker.io/library/nginx`. */
export const normalise = (repository: string): string => splitDomain(repository).join('/');

export const sameRepository = (one: string, other: string): boolean => normalise(one) === normalise(other);

/** `REPOSITORY[:TAG][@DIGEST]` */
export const writeReference = ({ repository, ...rest }: Reference): string =>
  `${repository}${writeVersion(rest)}`;

/** `[:TAG][@DIGEST]` */
export const writeVersion = ({ tag, digest }: Omit<Reference, 'repository'>): string =>
  `${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;

/** What a person wants to see of a version: the tag, or the beginning of the digest. */
export const version = ({ tag, digest }: Reference): string =>
  tag ?? digest?.slice(0, 'sha256:'.length + 12) ?? '';

/**
 * The reference at another version: tag and digest are replaced together, so that no old digest stands behind a new tag,
 * and the repository keeps its spelling where it is the same one, or none is wished.
 */
export function moveTo(
  reference: Reference,
  wish: { [Part in keyof Reference]?: Reference[Part] | undefined },
): Reference {
  const { repository = reference.repository, tag, digest } = wish;
  return {
    repository: sameRepository(repository, reference.repository) ? reference.repository : repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}
