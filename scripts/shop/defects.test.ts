import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';

/* What shops of this kind usually get wrong, and what shows that this one does not. */

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

test.each([
  ['any Sec-Fetch-Mode opens', 'user-manager/tests/authorization', 'Sec-Fetch-Mode: %s opens nothing'],
  ['tokens do not expire', 'product/tests/identity', "'without an end', { exp: undefined }"],
  [
    'sessions do not expire',
    'user-manager/tests/authorization',
    'it ends twelve hours after it began, whatever happens',
  ],
  ['a secret of last resort', 'user-manager/tests/program', 'without its settings it does not start'],
  [
    'a wrong password is a 500',
    'user-manager/tests/sessions',
    'an unknown name and a wrong password get the same answer',
  ],
  [
    'accounts are public',
    'user-manager/tests/administration',
    '%s %s is neither for the public nor for customers',
  ],
  ['prices are floats', 'product/tests/catalogue', "'half a penny', { priceMinor: 0.5 }"],
  ['what is sold out is sold', 'product/tests/thousand.full.test.ts', 'sell five hundred, and no more'],
  ['the browser is told secrets', 'ui/tests/pages', 'the configuration is what everybody may know'],
])('%s: services/%s… would tell', (_, file, title) => {
  expect(read(`services/${file.endsWith('.ts') ? file : `${file}.real.test.ts`}`)).toContain(title);
});

test('orders outlive the process: the load test kills it', () => {
  expect(read('scripts/shop/load.full.test.ts')).toContain('is killed in the middle and comes back');
});

interface Container {
  image: string;
  resources?: { requests?: object; limits?: object };
  readinessProbe?: object;
  livenessProbe?: object;
}
const objects = globSync('services/*/deploy/*.yaml', { cwd: root })
  .sort()
  .flatMap(file => parseAllDocuments(read(file)).map(document => ({ file, ...document.toJS() })));
const pods = objects.filter(({ kind }) => ['Deployment', 'Job'].includes(kind));

test('no service brings a database with it, nor a secret', () => {
  expect(pods.length).toBeGreaterThan(4);
  for (const { spec } of pods) expect(spec.template.spec.initContainers).toBeUndefined();
  const kinds = new Set(objects.map(({ kind }) => kind));
  for (const kind of ['Secret', 'StatefulSet', 'PersistentVolumeClaim']) expect(kinds).not.toContain(kind);
});

test('every container has its limits, servers have both probes, and no image moves', () => {
  for (const { file, kind, spec } of pods)
    for (const { image, resources, readinessProbe, livenessProbe } of spec.template.spec
      .containers as Container[]) {
      for (const amounts of [resources?.requests, resources?.limits])
        expect([file, Object.keys(amounts ?? {}).sort()]).toEqual([file, ['cpu', 'memory']]);
      if (kind === 'Deployment')
        expect([file, readinessProbe, livenessProbe]).toEqual([file, expect.anything(), expect.anything()]);
      expect(image).not.toMatch(/:latest$/); // the version is the pin's, which refuses what moves
    }
});

test('Traefik asks the user-manager inside the cluster', () => {
  const addresses = parseAllDocuments(read('manifests/platform/shop/middlewares.yaml'))
    .map(document => document.toJS()?.spec?.forwardAuth?.address)
    .filter(Boolean);
  expect(addresses.length).toBe(2);
  for (const address of addresses)
    expect(address).toMatch(/^http:\/\/user-manager\.shop\.svc\.cluster\.local\/auth(\?|$)/);
});

test('neither keys nor kubeconfigs are kept with the sources', () => {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
  expect(files.length).toBeGreaterThan(500);
  expect(
    files.filter(file => /(^|\/)(\.env|kubeconfig(\.ya?ml)?|[^/]*\.(pem|key|p12|tfstate))$/.test(file)),
  ).toEqual([]);
  // Keys that tests and manuals make up count upwards, or say EXAMPLE.
  const secret =
    /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{100,}-----END|client-key-data: [A-Za-z0-9+/=]{200,}|\bEXO(?!0123456789abcdef)[0-9a-f]{24,}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bAKIA[0-9A-Z]{9}(?!EXAMPLE)[0-9A-Z]{7}\b/;
  expect(files.filter(file => secret.test(textOf(file)))).toEqual([]);
});

/** Nothing for what is no text, and for what was deleted and not committed. */
function textOf(file: string): string {
  try {
    const bytes = readFileSync(join(root, file));
    return bytes.includes(0) ? '' : bytes.toString('latin1');
  } catch {
    return '';
  }
}
