import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { moveTo, normalise, parseReference, parseVersion, writeReference } from './reference.ts';

/** What `reference.ParseNormalizedNamed` of github.com/distribution/reference v0.6.0 says to each text; the domain in small letters. */
interface Verdict {
  text: string;
  /** None of these for a text that is refused. */
  name?: string;
  tag?: string;
  digest?: string;
}

const verdicts = JSON.parse(
  readFileSync(new URL('files/corpus/references.json', import.meta.url), 'utf8'),
) as Verdict[];

test.each(verdicts)('the reference $text is read as the reference implementation reads it', verdict => {
  const { text, name, tag, digest } = verdict;
  const found = parseReference(text);
  const read = found && { name: normalise(found.repository), tag: found.tag, digest: found.digest };
  expect(read).toEqual(name === undefined ? undefined : { name, tag, digest });
  if (found) expect(writeReference(found)).toBe(text);
});

const [one, two] = ['1', '2'].map(digit => `sha256:${digit.repeat(64)}`);

test.each([
  ['a tag takes the digest away', `ui:v1@${one}`, { tag: 'v2' }, 'ui:v2'],
  ['a digest takes the tag away', 'ui:v1', { digest: two }, `ui@${two}`],
  ['both', 'ui', { tag: 'v2', digest: two }, `ui:v2@${two}`],
  [
    'the spelling stays',
    'index.docker.io/library/ui:v1',
    { repository: 'ui', tag: 'v2' },
    'index.docker.io/library/ui:v2',
  ],
  ['another repository', 'ui:v1', { repository: 'acme/ui', tag: 'v2' }, 'acme/ui:v2'],
])('moved: %s', (_, before, wish, after) => {
  const reference = parseReference(before);
  expect(reference && writeReference(moveTo(reference, wish))).toBe(after);
});

test.each([
  [':v1', { tag: 'v1' }],
  [`@${one}`, { digest: one }],
  [`:v1@${one}`, { tag: 'v1', digest: one }],
  ['', undefined],
  ['v1', undefined],
  [':', undefined],
  ['@sha256:12', undefined],
])('the version %j', (text, expected) => {
  expect(parseVersion(text)).toEqual(expected);
});
