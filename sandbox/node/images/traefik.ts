import { pinned } from '../../tools/parts.ts';
import { base, path, type Recipe } from './recipe.ts';

export const traefik: Recipe = {
  ...base,
  reference: `docker.io/library/traefik:v${pinned('traefik')}`,
  tools: { '/usr/local/bin/traefik': 'traefik' },
  config: { Entrypoint: ['/usr/local/bin/traefik'], Env: [path], WorkingDir: '/' },
};
