import { base, path, type Recipe } from './recipe.ts';

const dexItself = `#!/bin/sh
echo 'dex is not part of this image: Argo CD is to ask another provider (oidc.config), or dex must be added here' >&2
exit 1
`;

/**
 * Without dex: Argo CD's own program, which the pod brings along, looks whether it is there but starts it only where logins
 * through dex are configured. Until then it waits, and so the pod is as ready as upstream's.
 */
export const dex: Recipe = {
  ...base,
  reference: 'ghcr.io/dexidp/dex:v2.43.0',
  host: ['/usr/bin/dash'],
  links: { ...base.links, '/usr/bin/sh': 'dash' },
  text: { ...base.text, '/usr/local/bin/dex': dexItself },
  config: { Env: [path], User: '1001:1001', WorkingDir: '/' },
};
