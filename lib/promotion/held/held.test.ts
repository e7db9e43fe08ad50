import { expect, test } from 'vitest';
import { UserErrors } from '../../runner/errors.ts';
import { type Pin, readPin } from '../pin.ts';
import { type Move, set, takeOver } from '../plan.ts';
import { parseReference } from '../reference.ts';
import { changeHeld } from './change.ts';
import { type Hold, readHeld } from './file.ts';
import { rejection, vain, withholding } from './withhold.ts';

const file = 'manifests/environments/production/held.yaml';
const services = ['ui', 'product'];
const read = (text: string) => readHeld(file, Buffer.from(text), services);
const bare = (text: string) => read(text).holds.map(({ place: _, ...hold }) => hold);

const paused: Hold = { kind: 'paused', service: 'ui' };
const rejected: Hold = {
  kind: 'rejected',
  service: 'product',
  revision: 'v1.10',
  images: ['ghcr.io/acme/product:v1'],
};

test.each<[string, string, Hold[]]>([
  ['nothing', '', []],
  ['comments alone', '# nobody\n', []],
  ['an empty list', '[]\n', []],
  ['a pause by hand', '- paused: ui\n', [paused]],
  [
    'a revision that looks like a number, as it is written',
    '- rejected: ui\n  revision: 1.10\n',
    [{ kind: 'rejected', service: 'ui', revision: '1.10' }],
  ],
  [
    'both, in either style',
    '- { paused: ui }\n- rejected: "product"\n  revision: v1.10\n  images:\n    - ghcr.io/acme/product:v1\n',
    [paused, rejected],
  ],
  [
    'who, when, why',
    '- paused: ui\n  by: octocat\n  at: 2026-11-27T08:00:00Z\n  reason: "a: b"\n  run: https://x\n',
    [{ ...paused, by: 'octocat', at: '2026-11-27T08:00:00Z', reason: 'a: b', run: 'https://x' }],
  ],
])('%s is read', (_, text, expected) => {
  expect(bare(text)).toEqual(expected);
});

test.each([
  ['no list', 'paused: ui\n', ['1:1 This is no list']],
  ['no entry', '- ui\n', ['1:3 This is no entry']],
  ['two documents', '- paused: ui\n---\n- paused: ui\n', ['3:1 This is a second document']],
  [
    'a slip in a service, a key, and an image',
    '- paused: uii\n- rejected: product\n  revison: v1\n  images: [product]\n',
    [
      '1:11 There is no service "uii" in platform.yaml: did you mean "ui"?',
      '3:3 Unknown key "revison": did you mean "revision"?',
      '4:12 "product" names no version',
    ],
  ],
  ['a rejection of nothing', '- rejected: product\n', ['1:3 It does not say which version']],
  [
    'a pause at a version',
    '- paused: ui\n  revision: v1\n',
    ['1:3 A paused service is held at every version'],
  ],
  ['both kinds at once', '- paused: ui\n  rejected: ui\n', ['1:3 An entry is either']],
  ['an alias of nothing', '- paused: *ui\n', ['1:11 paused is no text']],
  ['a map for a text', '- paused: ui\n  reason: { a: b }\n', ['2:11 reason is no text']],
  ['a key twice', '- paused: ui\n  paused: ui\n', ['2:3 This is not valid YAML']],
])('%s is refused with its place', (_, text, expected) => {
  const told = () => {
    try {
      read(text);
    } catch (error) {
      const errors = error instanceof UserErrors ? error.errors : [error as UserErrors['errors'][number]];
      return errors.map(({ message, at }) => `${at?.line}:${at?.column} ${message}`);
    }
    return [];
  };
  expect(told()).toEqual(expected.map(each => expect.stringContaining(each)));
});

const change = (text: string, add: Hold[], drop: (hold: Hold) => boolean = () => false) =>
  changeHeld('production', read(text), { add, drop }, services);
const after = (...given: Parameters<typeof change>) =>
  Buffer.from(change(...given)?.held.bytes ?? '').toString();

test('a first entry makes the file, which says what it is', () => {
  const made = change('', [{ ...rejected, by: 'octocat', reason: 'fails: #7' }]);
  expect(
    Buffer.from(made?.held.bytes ?? '').toString(),
  ).toBe(`# What no promotion brings to production. The way out of an entry: delete it, or
#   npm run slipway -- promote production --release SERVICE    for rejected versions
#   npm run slipway -- promote production --resume SERVICE     for a paused service
- rejected: product
  revision: v1.10
  images: [ghcr.io/acme/product:v1]
  by: octocat
  reason: "fails: #7"
`);
  expect(made?.hunks).toMatchObject([{ line: 1, before: [] }]);
});

test.each<[string, string, Hold[], ((hold: Hold) => boolean) | undefined, string]>([
  [
    'an entry behind others, indented and ended as they are',
    '# why\r\n  - paused: ui # a\r\n',
    [rejected],
    undefined,
    '# why\r\n  - paused: ui # a\r\n  - rejected: product\r\n    revision: v1.10\r\n    images: [ghcr.io/acme/product:v1]\r\n',
  ],
  [
    'an entry behind a missing newline',
    '- paused: product',
    [paused],
    undefined,
    '- paused: product\n- paused: ui\n',
  ],
  [
    'an entry out of the middle, with its comments at their places',
    '# a\n- paused: ui # x\n  by: me # y\n# b\n- paused: product\n',
    [],
    ({ service }) => service === 'ui',
    '# a\n# b\n- paused: product\n',
  ],
  ['the last entry', '# a\n- paused: ui\n', [], () => true, '# a\n'],
  [
    'a number that is a text',
    '',
    [{ kind: 'rejected', service: 'ui', revision: '1.10' }],
    undefined,
    expect.stringContaining('  revision: "1.10"\n') as unknown as string,
  ],
])('%s: nothing else changes', (_, text, add, drop, expected) => {
  expect(after(text, add, drop)).toEqual(expected);
});

test('what is there already, and what is not there, changes nothing', () => {
  expect(change('- paused: ui\n  reason: other\n', [{ ...paused, reason: 'mine' }])).toBeUndefined();
  expect(change('- paused: ui\n', [], ({ kind }) => kind === 'rejected')).toBeUndefined();
});

test.each([
  ['a list in brackets', '[{ paused: ui }]\n', [rejected], undefined, /written in brackets/],
  ['an empty list', '# none\n[]\n', [rejected], undefined, /^"\[\]" says that nothing is held: delete it/],
  ['nothing, written out', '~\n', [rejected], undefined, /^"~" says that nothing is held: delete it/],
  ['an end that is marked', '- paused: ui\n...\n', [rejected], undefined, /change it by hand$/],
  ['an entry in brackets', '[{ paused: ui }]\n', [], () => true, /cannot be taken out safely/],
  ['an entry under its dash', '-\n  paused: ui\n', [], () => true, /cannot be taken out safely/],
])('%s is left to people', (_, text, add, drop, message) => {
  expect(() => change(text, add, drop)).toThrow(message);
});

const [one, two] = ['1', '2'].map(digit => `sha256:${digit.repeat(64)}`);
const pin = (revision: string, image: string) =>
  readPin(
    'product',
    'product.yaml',
    Buffer.from(
      `kind: Application\nspec: { source: { targetRevision: ${revision}, kustomize: { images: [product=ghcr.io/acme/product${image}] } } }\n`,
    ),
  );
const image = 'ghcr.io/acme/product';
const move = (from: [string, string], to: [string, string]) => {
  const [moved] = set(pin(...from), {
    revision: to[0],
    image: parseReference(`ghcr.io/acme/product${to[1]}`),
  }).moves;
  if (!moved) throw new Error('nothing moves');
  return moved;
};

test.each<[string, [string, string], boolean]>([
  ['the same version', ['v2', `:v2@${two}`], true],
  ['the same digest under another tag', ['v3', `:v3@${two}`], true],
  ['the same tag, now without digest', ['v2', ':v2'], true],
  ['the same image with other manifests', ['v4', `:v2@${two}`], true],
  ['another image of the same commit', ['v2', `:v2@${one}`], false],
  ['the next version', ['v3', `:v3@${one}`], false],
])('a rollback from v2 rejects %s: %o', (_, to, expected) => {
  const left = rejection(move(['v2', `:v2@${two}`], ['v1', ':v1']));
  const held = changeHeld('production', read(''), { add: [left], drop: () => false }, services)?.held;
  const reason = held && withholding('production', held, move(['v1', ':v1'], to), image);
  expect(reason !== undefined).toBe(expected);
});

test('a rejected revision alone holds itself, and a paused service everything', () => {
  const revision = read(
    '- rejected: product\n  revision: v2\n  by: octocat\n  at: 2026-11-27\n  reason: It fails.\n',
  );
  expect(withholding('production', revision, move(['v1', ':v1'], ['v2', ':v3']), image)?.reason).toBe(
    `product v2 is rejected since 2026-11-27 by octocat (It fails): promote production with release: product, or delete its entry at ${file}:1:3`,
  );
  expect(withholding('production', revision, move(['v1', ':v1'], ['v3', ':v3']), image)).toBeUndefined();
  expect(
    withholding('production', read('- paused: product\n'), move(['v1', ':v1'], ['v3', ':v3']), image)?.reason,
  ).toMatch(/^product is paused: promote production with resume: product/);
  expect(
    withholding('production', read('- paused: ui\n'), move(['v1', ':v1'], ['v3', ':v3']), image),
  ).toBeUndefined();
});

test('a newer version comes with what the rejected one had brought along; the rejected one does not', () => {
  const worker = (version: string, sidecar: string) =>
    readPin(
      'product',
      'product.yaml',
      Buffer.from(
        `kind: Application\nspec: { source: { targetRevision: ${version}, kustomize: { images: [${image}:${version}, redis:${sidecar}] } } }\n`,
      ),
    );
  const between = (from: Pin, to: Pin) => takeOver([to], [from]).moves[0] as Move;
  const [first, bad, fixed] = [worker('v1', '6'), worker('v2', '7'), worker('v3', '7')];
  const left = rejection(between(bad, first));
  const held = changeHeld('production', read(''), { add: [left], drop: () => false }, services)?.held;
  const why = (to: Pin) => held && withholding('production', held, between(first, to), image)?.reason;
  expect(why(fixed)).toBeUndefined();
  expect(why(bad)).toMatch(/^product v2 is rejected/);
  expect(why(worker('v2', '8'))).toMatch(/^product v2 is rejected/);
});

test('a rejection of images that nobody calls so holds nothing, and is refused', () => {
  const own = { product: { image }, ui: { image: 'ghcr.io/acme/ui' } };
  const held = read(
    `- rejected: product\n  images: [${image}:v1]\n- rejected: product\n  images: [ghcr.io/acme/prodct:v1]\n- rejected: product\n  images: [redis:7]\n- rejected: product\n  revision: v1\n`,
  );
  const sidecar = readPin(
    'product',
    'product.yaml',
    Buffer.from(
      'kind: Application\nspec: { source: { targetRevision: v1, kustomize: { images: [redis:6] } } }\n',
    ),
  );
  expect(vain(held, [sidecar], own).map(({ at, message }) => `${at?.line} ${message}`)).toEqual([
    `3 This holds nothing, as no image of product is called so: write ${image} with what was rejected, or delete the entry`,
  ]);
  expect(vain(held, [], own).map(({ at }) => at?.line)).toEqual([3, 5]);
});
