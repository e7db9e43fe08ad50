import { base, path, type Recipe } from './recipe.ts';

/**
 * Without dex: Argo CD's own program, which the pod brings along, starts it only where logins through dex are configured.
 * Until then it waits, and so the pod is as ready as upstream's.
 */
export const dex: Recipe = {
  ...base,
  reference: 'ghcr.io/dexidp/dex:v2.43.0',
  config: { Env: [path], User: '1001:1001', WorkingDir: '/' },
};
