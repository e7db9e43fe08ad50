import { expect, test } from 'vitest';
import { place } from '../runner/errors.ts';
import { pinErrors } from './pins.ts';
import { parse } from './platform.ts';

const platform = parse(`
name: shop
repository: https://github.com/acme/platform
state: { bucket: acme-state, zone: ch-gva-2 }
dns: { zone: example.com, owner: shop }
services:
  ui: { repository: https://github.com/acme/ui, image: ghcr.io/acme/ui, host: shop }
  product: { repository: https://github.com/acme/product, image: localhost:5000/acme/product, host: api, path: k8s }
environments:
  staging:
    zone: ch-gva-2
    domain: staging.example.com
    nodes: { type: standard.medium, count: 2 }
    database: { plan: hobbyist-2 }
`);

const ui = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: ui
spec:
  project: staging
  source:
    repoURL: https://github.com/acme/ui
    path: deploy
    targetRevision: v0.1.0
    kustomize:
      images:
        - ghcr.io/acme/ui:v0.1.0
      patches:
        - patch: |
            - { op: replace, path: /data/HOST, value: shop.staging.example.com }
            - { op: replace, path: /data/API, value: https://api.staging.example.com }
  destination: { namespace: shop }
`;
const product = ui
  .replace('name: ui', 'name: product')
  .replace('acme/ui', 'acme/product')
  .replace('path: deploy', 'path: k8s')
  .replace('ghcr.io/acme/ui:v0.1.0', `localhost:5000/acme/product:v1@sha256:${'0'.repeat(64)}`);
const project = `kind: AppProject
metadata: { name: staging }
spec:
  sourceRepos:
    - https://github.com/acme/ui
    - https://github.com/acme/product
`;
const root = `kind: Application
metadata: { name: root }
spec: { project: platform, source: { repoURL: https://github.com/acme/platform } }
`;
const kustomization = `resources: [root.yaml, project.yaml, ui.yaml, product.yaml]
patches:
  - patch: |
      - { op: replace, path: /spec/dnsNames, value: [staging.example.com, "*.staging.example.com"] }
      - { op: replace, path: /spec/origin, value: https://shop.staging.example.com }
`;
const folder = 'manifests/environments/staging';
const good: Record<string, string> = {
  [`${folder}/kustomization.yaml`]: kustomization,
  [`${folder}/ui.yaml`]: ui,
  [`${folder}/product.yaml`]: product,
  [`${folder}/project.yaml`]: project,
  [`${folder}/root.yaml`]: root,
  'manifests/platform/applications.yaml': `${root}---\n${root}`,
};

const errors = (files: Record<string, string>) =>
  pinErrors(platform, 'manifests', files).map(({ at, message }) => `${at ? place(at) : ''}: ${message}`);

test('files that agree with platform.yaml have no errors', () => expect(errors(good)).toEqual([]));

test.each([
  [
    'ui.yaml',
    'github.com/acme/ui',
    'github.com/evil/ui',
    '8:14',
    'platform.yaml says https://github.com/acme/ui',
  ],
  ['ui.yaml', 'name: ui', 'name: ux', '4:9', 'metadata.name is "ux"'],
  ['ui.yaml', 'namespace: shop', 'namespace: store', '18:29', 'platform.yaml says shop'],
  ['ui.yaml', 'path: deploy', 'path: k8s', '9:11', 'says deploy'],
  ['product.yaml', 'path: k8s', 'path: deploy', '9:11', 'says k8s'],
  ['ui.yaml', 'targetRevision: v0.1.0', 'targetRevision: main', '10:21', 'moves by itself'],
  ['ui.yaml', '    targetRevision: v0.1.0\n', '', '8:5', 'targetRevision is missing'],
  ['ui.yaml', 'ghcr.io/acme/ui:v0.1.0', 'ghcr.io/acme/ui', '13:11', 'no fixed version'],
  ['ui.yaml', 'ghcr.io/acme/ui:v0.1.0', 'ghcr.io/acme/ui:latest', '13:11', 'no fixed version'],
  ['ui.yaml', 'ghcr.io/acme/ui:v0.1.0', 'ghcr.io/acme/ui@sha256:12', '13:11', 'no fixed version'],
  [
    'ui.yaml',
    'ghcr.io/acme/ui:v0.1.0',
    'ghcr.io/acme/ui-2:v0.1.0',
    '13:9',
    'no version of ghcr.io/acme/ui here: add "ghcr.io/acme/ui:TAG" or "ghcr.io/acme/ui@DIGEST", or correct its image in platform.yaml',
  ],
  ['ui.yaml', 'value: shop.staging', 'value: shop', '16:55', '"shop.example.com" is no host of staging'],
  ['ui.yaml', 'https://api.staging', 'https://web.staging', '17:62', '"web.staging.example.com" is no host'],
  ['ui.yaml', 'shop.staging.example.com', 'api.staging.example.com', '15:9', 'sets shop.staging.example.com'],
  ['project.yaml', 'acme/ui', 'acme/other', '5:7', "no service's repository"],
  ['project.yaml', '    - https://github.com/acme/product\n', '', '5:5', 'acme/product is missing'],
  ['project.yaml', 'name: staging', 'name: stage', '', 'no AppProject "staging"'],
  ['kustomization.yaml', ', ui.yaml', '', '1:12', 'ui.yaml is not listed'],
  ['kustomization.yaml', '[staging.', '[', '4:54', '"example.com" is no host of staging, nor its domain'],
  ['kustomization.yaml', 'https://shop', 'https://web', '5:59', '"web.staging.example.com" is no host'],
  ['root.yaml', 'acme/platform', 'acme/other', '3:47', 'platform.yaml says https://github.com/acme/platform'],
])('%s: %s → %s', (name, from, to, at, message) => {
  const file = `${folder}/${name}`;
  const found = errors({ ...good, [file]: (good[file] as string).replace(from, to) });
  expect(found).toContainEqual(expect.stringContaining(message));
  expect(found).toContainEqual(expect.stringMatching(`^${file}${at && `:${at}`}: `));
});

test('a service without a pin, and a pin without a service', () => {
  const { [`${folder}/ui.yaml`]: _, ...without } = good;
  expect(errors({ ...without, [`${folder}/uii.yaml`]: ui.replace('name: ui', 'name: uii') })).toEqual([
    expect.stringMatching(`^${folder}/ui.yaml: "ui" has no pin in staging`),
    expect.stringMatching(`^${folder}/uii.yaml:4:9: There is no service "uii".*did you mean "ui"`),
  ]);
});

test('a file that is not YAML is named with line and column', () => {
  expect(() => errors({ ...good, [`${folder}/ui.yaml`]: `${ui}  bad: [\n` })).toThrow(
    /ui\.yaml:\d+:\d+: This is not/,
  );
});

test('the folder of an environment that is not in platform.yaml is named once, not file by file', () => {
  const renamed = Object.fromEntries(
    Object.entries(good).map(([file, text]) => [file.replace('/staging/', '/stagin/'), text]),
  );
  const [first, ...rest] = errors(renamed);
  expect(first).toBe(
    'manifests/environments/stagin: There is no environment "stagin" in platform.yaml: rename the folder if you mean "staging", or delete it',
  );
  expect(rest.filter(each => each.includes('/stagin/'))).toEqual([]);
});

test('a host in a further zone is held to its environment too', () => {
  const two = structuredClone(platform);
  two.dns['further-zones'] = ['example.net'];
  const found = (value: string) =>
    pinErrors(two, 'manifests', {
      ...good,
      [`${folder}/ui.yaml`]: ui.replace('https://api.staging.example.com', value),
    }).map(({ message }) => message);
  expect(found('https://api.example.net')).toEqual([
    expect.stringMatching(/^"api\.example\.net" is no host of staging/),
  ]);
  expect(found('https://api.other-example.net, https://example.net.example.org')).toEqual([]);
});
