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

/* What somebody who knows shops looks for in this one's pages, and which test in a real browser would miss it. */
test.each([
  ['outlines, failures and another try', 'customer', 'what is being loaded leaves its outline'],
  ['motion that stands still', 'customer', 'somebody asked for less motion'],
  ['empty shelves', 'customer', 'shelves have addresses, and empty ones a way out'],
  ['search and pages in the address', 'customer', "toBe('/?q=enamle')"],
  ['sold out, and nearly', 'customer', 'what is nearly gone says how much there is'],
  ['a basket that stays and is priced anew', 'customer', 'outlives a reload, and is priced anew'],
  ['changes that are read out', 'customer', '[aria-live=polite]'],
  ['shortage at the checkout', 'customer', 'explained line by line, and mended'],
  ['clicks that are two', 'customer', "'Order for CHF 32.00', 'button', 3"],
  ['orders and their timeline', 'customer', 'It is being packed.'],
  ['a session that ends', 'customer', 'leads to the login and back, with the basket whole'],
  ['errors that belong to their fields', 'customer', 'said beside its field, and belongs to it'],
  ['pages that are not there', 'people', 'an account that is not there, and a customer who asks'],
  ['two administrators at once', 'office', 'a change that meets somebody else’s is explained'],
  ['the last administrator', 'people', 'the last administrator stays one, and is told why'],
  ['the keyboard, and where a page begins', 'pages', 'with the keyboard alone'],
  ['dialogs', 'pages', 'a dialog keeps the focus, gives it back'],
  ['360 pixels, both themes', 'pages', '[360, 1280]'],
  ['every page', 'pages', 'no page of the router is left out'],
  ['an account that is disabled', 'people', 'an account is disabled after a question'],
])('%s: scripts/shop/%s.full.test.ts would tell', (_, file, title) => {
  expect(read(`scripts/shop/${file}.full.test.ts`)).toContain(title);
});

test('orders outlive the process: the load test kills it', () => {
  expect(read('scripts/shop/load.full.test.ts')).toContain('is killed in the middle and comes back');
});

interface Container {
  image: string;
  env?: { name: string; value?: string }[];
  resources?: { requests?: object; limits?: { memory?: string } };
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

test('V8 is told how little there is: what it may take and what Node takes besides fit the limit', () => {
  const servers = pods.filter(({ kind }) => kind === 'Deployment');
  expect(servers.length).toBe(3);
  for (const { file, spec } of servers) {
    const [{ env, resources }] = spec.template.spec.containers as [Container];
    const options = env?.find(({ name }) => name === 'NODE_OPTIONS')?.value ?? '';
    const option = (name: string) => Number(new RegExp(`--max-${name}-size=(\\d+)`).exec(options)?.[1]);
    const limit = Number(/^(\d+)Mi$/.exec(resources?.limits?.memory ?? '')?.[1]);
    // The young generation has three of its semi-spaces; without its heap a service takes less than 110 MB.
    const most = option('old-space') + 3 * option('semi-space') + 110 + 4 * passwords(file);
    expect([file, most <= limit]).toEqual([file, true]);
  }
});
/** What argon2 takes outside of the heap for one password, in MB; four are hashed at once. */
const passwords = (file: string) => (file.includes('user-manager') ? 19 : 0);

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
