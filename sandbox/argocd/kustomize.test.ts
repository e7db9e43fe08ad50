import { expect, test } from 'vitest';
import { amend, parseImage, parseManifests } from './kustomize.ts';

const digest = `sha256:${'a'.repeat(64)}`;

test.each([
  ['ghcr.io/acme/ui:v1', { name: 'ghcr.io/acme/ui', newTag: 'v1' }],
  [`ghcr.io/acme/ui@${digest}`, { name: 'ghcr.io/acme/ui', digest }],
  [`ghcr.io/acme/ui:v1@${digest}`, { name: 'ghcr.io/acme/ui', newTag: 'v1', digest }],
  ['localhost:5000/ui', { name: 'localhost:5000/ui' }],
  ['localhost:5000/ui:v1', { name: 'localhost:5000/ui', newTag: 'v1' }],
  ['ui=ghcr.io/acme/ui:v1', { name: 'ui', newName: 'ghcr.io/acme/ui', newTag: 'v1' }],
])('%s', (text, image) => expect(parseImage(text)).toEqual(image));

test("an Application's images replace those of the same name, its patches come last", () => {
  const kustomization = {
    resources: ['a.yaml'],
    images: [{ name: 'ui', newTag: 'v0' }, { name: 'db' }],
    patches: [1],
  };
  expect(amend(kustomization, ['ui:v1'], [2])).toEqual({
    resources: ['a.yaml'],
    images: [{ name: 'db' }, { name: 'ui', newTag: 'v1' }],
    patches: [1, 2],
  });
});

test('values are read as Kubernetes reads them', () => {
  const text = 'mode: 0644\nmodes: [0o17, 8, "0644"]\npath: .\nday: 2026-01-01\n---\n# nothing\n';
  expect(parseManifests(text)).toEqual([
    { mode: 0o644, modes: [15, 8, '0644'], path: '.', day: '2026-01-01' },
  ]);
});
