import { expect, test } from 'vitest';
import { place, userErrors } from '../../runner/errors.ts';
import { applications } from './corpus/application.ts';
import { after, before, type Case, shapes } from './corpus/case.ts';
import { kustomizations } from './corpus/kustomization.ts';
import { kustomizationLayouts } from './corpus/kustomization-layout.ts';
import { manifests } from './corpus/manifests.ts';
import { refusals } from './corpus/refusals.ts';
import { values } from './corpus/values.ts';
import { planFiles } from './plan-files.ts';
import { readWishes } from './wishes.ts';

const cases: Case[] = [
  ...kustomizations,
  ...kustomizationLayouts,
  ...applications,
  ...values,
  ...manifests,
  ...refusals,
];
const accepted = cases.filter(({ refused }) => !refused);
const refused = cases.filter(({ refused }) => refused);

/** What the file mode does between reading and writing. */
function promoted({ file: path = 'kustomization.yaml', ...wanted }: Case, text: string): string {
  const [planned] = planFiles([{ path, bytes: Buffer.from(text) }], readWishes(wanted));
  return Buffer.from(planned?.edited.bytes ?? []).toString();
}

test.each(accepted)('$name: every byte is as it should be, in every shape of the file', each => {
  for (const { name, of } of shapes) {
    expect(promoted(each, of(before(each))), name).toBe(of(after(each)));
    expect(promoted(each, of(after(each))), `${name}, the second time`).toBe(of(after(each)));
  }
});

test.each(refused)('$name: refused, in every shape of the file', each => {
  for (const { of } of shapes) {
    expect(told(() => promoted(each, of(before(each))))).toEqual([
      [each.refused?.[0], expect.stringMatching(each.refused?.[1] ?? /^$/)],
    ]);
  }
});

function told(work: () => unknown): [string, string][] {
  try {
    work();
  } catch (error) {
    return userErrors(error).map(({ at, message }) => [
      at ? place({ ...at, file: '' }).slice(1) : '',
      message,
    ]);
  }
  return [];
}

test('there are more than a hundred of them, each with a name of its own', () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  expect(cases.length).toBeGreaterThan(100);
});
