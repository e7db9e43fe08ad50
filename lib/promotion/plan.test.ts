import { expect, test } from 'vitest';
import { type Pin, readPin } from './pin.ts';
import { type Plan, set, takeOver } from './plan.ts';
import { parseReference } from './reference.ts';
import { line, title } from './render.ts';

const [one, two] = ['1', '2'].map(digit => `sha256:${digit.repeat(64)}`);

const pin = (service: string, revision: string, ...images: string[]): Pin =>
  readPin(
    service,
    `${service}.yaml`,
    Buffer.from(
      `kind: Application\nspec:\n  source:\n    targetRevision: ${revision}\n    kustomize: { images: ${JSON.stringify(images)} }\n`,
    ),
  );

const values = ({ moves }: Plan) => moves.flatMap(({ changes }) => changes.map(({ after }) => after));

test.each([
  ['nothing, when both are the same', pin('ui', 'v1', 'ui:v1'), pin('ui', 'v1', 'ui:v1'), [], undefined],
  ['the revision alone', pin('ui', 'v2', 'ui:v1'), pin('ui', 'v1', 'ui:v1'), ['v2'], 'ui v1 → v2 (revision)'],
  [
    'image and revision',
    pin('ui', 'v2', `ui=ghcr.io/acme/ui:v2@${two}`),
    pin('ui', 'v1', `ui=ghcr.io/acme/ui:v1@${one}`),
    [`ui=ghcr.io/acme/ui:v2@${two}`, 'v2'],
    'ui v1 → v2 (image, revision)',
  ],
  [
    'the digest behind the same tag',
    pin('ui', 'v1', `ui:v1@${two}`),
    pin('ui', 'v1', `ui:v1@${one}`),
    [`ui:v1@${two}`],
    'ui sha256:111111111111 → sha256:222222222222 (image)',
  ],
  [
    'a tag without digest, and no stale digest',
    pin('ui', 'v1', 'ui:v2'),
    pin('ui', 'v1', `ui:v1@${one}`),
    ['ui:v2'],
    'ui v1 → v2 (image)',
  ],
  [
    'the spelling of the target stays, only its version moves',
    pin('ui', 'v1', 'x=nginx:v2'),
    pin('ui', 'v1', 'x=nginx:v1'),
    ['x=nginx:v2'],
    'ui v1 → v2 (image)',
  ],
  [
    'the right one of several images',
    pin('ui', 'v1', 'b:2', 'a:2'),
    pin('ui', 'v1', 'a:1', 'b:2', 'own:7'),
    ['a:2'],
    'ui 1 → 2 (image)',
  ],
  [
    'a commit, shown short',
    pin('ui', 'b'.repeat(40)),
    pin('ui', 'a'.repeat(40)),
    ['b'.repeat(40)],
    'ui aaaaaaa → bbbbbbb (revision)',
  ],
])('taken over: %s', (_, source, target, expected, shown) => {
  const plan = takeOver([source], [target]);
  expect(values(plan)).toEqual(expected);
  expect(plan.moves.map(line)).toEqual(shown === undefined ? [] : [shown]);
});

test('a service without a pin in the target is told, and one that only the target has stays', () => {
  const plan = takeOver([pin('new', 'v1'), pin('ui', 'v2')], [pin('ui', 'v1'), pin('old', 'v0')]);
  expect(plan.missing).toEqual(['new']);
  expect(plan.moves.map(({ pin: { service } }) => service)).toEqual(['ui']);
});

test('an image that only the source sets is told; one that only the target sets is its own affair', () => {
  const plan = takeOver([pin('ui', 'v1', 'ui:v1', 'worker:v1')], [pin('ui', 'v1', 'ui:v1', 'own:v1')]);
  expect(plan).toEqual({ moves: [], missing: [], unset: [{ service: 'ui', image: 'worker' }] });
});

test('an image from another repository is not taken over', () => {
  const take = () =>
    takeOver([pin('ui', 'v1', 'ui=ghcr.io/a/ui:v2')], [pin('ui', 'v1', 'ui=ghcr.io/b/ui:v1')]);
  expect(take).toThrow(/"ui" comes from ghcr\.io\/b\/ui here and from ghcr\.io\/a\/ui in ui\.yaml/);
});

test('a version is set by the image that it names', () => {
  const image = parseReference(`docker.io/acme/ui:v2@${two}`);
  const plan = set(pin('ui', 'v1', 'x=other:v1', 'acme/ui:v1'), { image, revision: 'v2' });
  expect(values(plan)).toEqual([`acme/ui:v2@${two}`, 'v2']);
  expect(values(set(pin('ui', 'v1', `acme/ui:v2@${two}`), { image }))).toEqual([]);
  expect(() => set(pin('ui', 'v1', 'other:v1'), { image })).toThrow(
    /There is no entry for docker\.io\/acme\/ui/,
  );
});

test('the title names the service, or how many', () => {
  const { moves } = takeOver(
    [pin('ui', 'v2'), pin('product', 'v3')],
    [pin('ui', 'v1'), pin('product', 'v1')],
  );
  const promoted = (of: typeof moves) => title('production', { moves: of, added: [], dropped: [] });
  expect(promoted(moves)).toBe('Promote 2 services to production');
  expect(promoted(moves.slice(1))).toBe('Promote product to production: v1 → v3');
});

test.each([
  [
    'a second Application',
    'kind: Application\nspec: {source: {targetRevision: v1}}\n---\nkind: Application\n',
    /second Application/,
  ],
  ['no Application', 'kind: AppProject\n', /no Application in this file/],
  ['no revision', 'kind: Application\nspec: {source: {}}\n', /spec\.source\.targetRevision is missing/],
  [
    'an entry that is no image',
    'kind: Application\nspec: {source: {targetRevision: v1, kustomize: {images: ["a b"]}}}\n',
    /"a b" is no image/,
  ],
  [
    'the same image twice',
    'kind: Application\nspec: {source: {targetRevision: v1, kustomize: {images: [a:1, a:2]}}}\n',
    /"a" has an entry already/,
  ],
])('%s is no pin', (_, text, message) => {
  expect(() => readPin('ui', 'ui.yaml', Buffer.from(text))).toThrow(message);
});
