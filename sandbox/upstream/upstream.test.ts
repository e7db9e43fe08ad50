import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { pinnedVersion, readPins } from '../tools/parts.ts';

const manifests = join(dirname(dirname(import.meta.dirname)), 'manifests');

test.each([
  ['argocd/kustomization.yaml', /argo-cd\/\/manifests\/cluster-install\?ref=v(.+)/, 'argoproj/argo-cd/v3'],
  ['platform/traefik/kustomization.yaml', /traefik\/traefik\/raw\/v(.+?)\//, 'traefik/traefik/v3'],
  [
    'platform/cert-manager/kustomization.yaml',
    /cert-manager\/releases\/download\/v(.+?)\//,
    'cert-manager/cert-manager',
  ],
  ['platform/traefik/kustomization.yaml', /newTag: v(.+)/, 'traefik/traefik/v3'],
])('%s takes the version that the sandbox serves', async (file, version, module) => {
  const text = await readFile(join(manifests, file), 'utf8');
  const served = pinnedVersion(readPins('upstream').mod, `github.com/${module}`);
  expect(version.exec(text)?.[1]).toBe(served);
});
