import { expect, test } from 'vitest';
import type { KubeObject } from '../kubectl/kubectl.ts';
import { manifest } from './secrets.ts';
import { argocdVersions, skew } from './versions.ts';

const fine = { kubectl: 'v1.34.2', kubernetes: 'v1.34.2', pinned: 'v3.2.1', installed: 'v3.2.1' };

test.each([
  ['all alike', {}],
  ['kubectl a minor version behind', { kubectl: 'v1.33.0' }],
  ['kubectl a minor version ahead, of a vendor', { kubectl: 'v1.35.0+k3s1', kubernetes: 'v1.34.2-exo.1' }],
  ['nothing installed yet', { installed: undefined }],
  ['an upgrade', { installed: 'v3.1.9' }],
  ['a digest without a tag', { pinned: undefined }],
  ['the oldest Kubernetes that is tested', { kubectl: 'v1.30.4', kubernetes: 'v1.30.0' }],
  ['a server that says nothing of use', { kubernetes: 'unknown' }],
])('%s is no skew', (_, versions) => {
  expect(skew({ ...fine, ...versions })).toEqual({ warnings: [] });
});

test.each([
  ['kubectl too old', { kubectl: 'v1.32.0' }, 'kubectl is v1.32.0 and the cluster v1.34.2'],
  ['kubectl too new', { kubectl: 'v1.36.1' }, 'install kubectl 1.34'],
  ['Kubernetes too old', { kubectl: 'v1.29.0', kubernetes: 'v1.29.9' }, 'v1.29.9, older than v1.30.0'],
  [
    'Kubernetes too old for an Argo CD that is newer than this table',
    { ...{ kubectl: 'v1.29.0', kubernetes: 'v1.29.9' }, pinned: 'v3.5.1', installed: 'v3.5.1' },
    'older than v1.30.0, the oldest that Argo CD v3.5.1 is tested with',
  ],
])('%s is warned of in one sentence', (_, versions, words) => {
  const { warnings, refusal } = skew({ ...fine, ...versions });
  expect(warnings).toEqual([expect.stringContaining(words)]);
  expect(refusal).toBeUndefined();
});

test.each(['v3.2.2', 'v3.3.0', 'v4.0.0', 'v3.10.0'])(
  'an installed %s is not put back to v3.2.1',
  installed => {
    expect(skew({ ...fine, installed }).refusal).toMatch(
      `Argo CD in the cluster is ${installed}, newer than v3.2.1 of the manifests`,
    );
  },
);

const controller = (image: string): KubeObject => ({
  ...{ apiVersion: 'apps/v1', kind: 'StatefulSet' },
  metadata: { name: 'argocd-application-controller', namespace: 'argocd' },
  spec: { template: { spec: { containers: [{ name: 'argocd-application-controller', image }] } } },
});

test.each([
  ['quay.io/argoproj/argocd:v3.2.1', 'v3.2.1'],
  [`mirror:5000/argocd:v3.3.0-rc1@sha256:${'a'.repeat(64)}`, 'v3.3.0-rc1'],
  [`quay.io/argoproj/argocd@sha256:${'a'.repeat(64)}`, undefined],
])('the version of %s is %s', (image, version) => {
  const ours = manifest(controller('quay.io/argoproj/argocd:v3.2.0'));
  expect(argocdVersions([ours], [controller(image)])).toEqual({ pinned: 'v3.2.0', installed: version });
  expect(argocdVersions([ours], [])).toEqual({ pinned: 'v3.2.0', installed: undefined });
});
