import { expect, test } from 'vitest';
import { edit } from '../editor/edit.ts';
import { planFiles } from './plan-files.ts';
import { readWishes } from './wishes.ts';

/** Documents of all sorts, five million bytes of them. */
const documents = Array.from({ length: 6500 }, (_, index) =>
  [
    'apiVersion: v1',
    'kind: ConfigMap',
    `metadata: { name: notes-${index}, labels: { "größe/😀": "${index % 7}" } } # ${index}`,
    'data:',
    '  text: |',
    ...Array.from({ length: 8 }, (_, line) => `    ${line}: image: ghcr.io/acme/ui:v1 ${'x'.repeat(60)}`),
    '  folded: >-',
    '    one',
    '    two',
    '',
  ].join('\n'),
);
const pod = (tag: string) =>
  `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: ghcr.io/acme/ui:${tag} # moved\n`;
const file = (tag: string) => [...documents.slice(0, 4000), pod(tag), ...documents.slice(4000)].join('---\n');

test('in a file of five megabytes one line moves', () => {
  const before = Buffer.from(file('v1'));
  expect(before.length).toBeGreaterThan(5_000_000);
  const [planned] = planFiles(
    [{ path: 'all.yaml', bytes: before }],
    readWishes({ image: 'ghcr.io/acme/ui:v2' }),
  );
  expect(Buffer.from(file('v2')).equals(planned?.edited.bytes ?? Buffer.of())).toBe(true);
  expect(planned?.edited.hunks).toEqual([
    {
      line: 4000 * 17 + 5,
      before: ['    - image: ghcr.io/acme/ui:v1 # moved'],
      after: ['    - image: ghcr.io/acme/ui:v2 # moved'],
    },
  ]);
});

test('what grows without end where aliases are followed does not grow here', () => {
  const levels = Array.from({ length: 30 }, (_, index) =>
    index === 0 ? 'a0: &a0 [x, x]' : `a${index}: &a${index} [*a${index - 1}, *a${index - 1}]`,
  );
  const text = [...levels, 'tag: v1', ''].join('\n');
  const { bytes } = edit('bomb.yaml', Buffer.from(text), [{ document: 0, path: ['tag'], value: 'v2' }]);
  expect(Buffer.from(bytes).toString()).toBe(text.replace('tag: v1', 'tag: v2'));
});

test('what is nested beyond measure is refused in one sentence', () => {
  const text = `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}\ntag: v1\n`;
  expect(() => edit('deep.yaml', Buffer.from(text), [{ document: 0, path: ['tag'], value: 'v2' }])).toThrow(
    /This is nested too deeply/,
  );
});
