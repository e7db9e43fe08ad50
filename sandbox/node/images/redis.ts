import { base, path, type Recipe } from './recipe.ts';

/** Debian's Redis, under the name that Argo CD's manifests ask for: it is a cache that speaks the same protocol. */
export const redis: Recipe = {
  ...base,
  reference: 'public.ecr.aws/docker/library/redis:8.2.2-alpine',
  host: ['/usr/bin/redis-server', '/usr/bin/redis-cli'],
  config: { Entrypoint: ['/usr/bin/redis-server'], Env: [path], User: '999:999', WorkingDir: '/tmp' },
};
