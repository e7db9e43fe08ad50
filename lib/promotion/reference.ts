/** An image with its version. https://github.com/distribution/reference */
export interface Reference {
  /** As it is written, without tag and digest. */
  repository: string;
  tag?: string;
  digest?: string;
}

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const host =
  '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?)';
const pattern = new RegExp(
  `^(?<repository>(?:${host}/)?${component}(?:/${component})*)(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$`,
);

/** Undefined for what is no image reference, and for a bare digest, which names no repository. */
export function parseReference(text: string): Reference | undefined {
  const { repository, tag, digest } = pattern.exec(text)?.groups ?? {};
  if (!repository || repository.length > 255 || /^[0-9a-f]{64}$/.test(repository)) return undefined;
  return { repository, ...(tag && { tag }), ...(digest && { digest }) };
}

/** Docker's short names in full, to compare and never to write: `nginx` is `docker.io/library/nginx`. */
export function normalise(repository: string): string {
  const [first = '', ...rest] = repository.split('/');
  const isHost = rest.length > 0 && (/[.:A-Z]/.test(first) || first === 'localhost');
  const name = isHost ? rest.join('/') : repository;
  const domain = !isHost || first === 'index.docker.io' ? 'docker.io' : first.toLowerCase();
  return domain === 'docker.io' && !name.includes('/') ? `docker.io/library/${name}` : `${domain}/${name}`;
}

/** What a person wants to see of a version: the tag, or the beginning of the digest. */
export const version = ({ tag, digest }: Reference): string =>
  tag ?? digest?.slice(0, 'sha256:'.length + 12) ?? '';
