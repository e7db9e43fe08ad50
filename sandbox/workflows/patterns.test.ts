import { expect, test } from 'vitest';
import { matches } from './patterns.ts';

// The cheat sheet's own examples, and what they leave out.
test.each<[string[], string, boolean]>([
  [['*'], 'main', true],
  [['*'], 'feature/a', false],
  [['**'], 'feature/a/b', true],
  [['feature/*'], 'feature/a', true],
  [['feature/*'], 'feature/a/b', false],
  [['*feature'], 'my-feature', true],
  [['v2*'], 'v2.9', true],
  [['v[12].[0-9]+.[0-9]+'], 'v1.10.1', true],
  [['v[12].[0-9]+.[0-9]+'], 'v3.0.0', false],
  [['*.jsx?'], 'page.js', true],
  [['*.jsx?'], 'page.jsx', true],
  [['**.js'], 'src/js/app.js', true],
  [['**/docs/**'], 'docs/hello.md', true],
  [['**/docs/**'], 'a/docs/b/c.txt', true],
  [['docs/**/*.md'], 'docs/readme.md', true],
  [['**/README.md'], 'README.md', true],
  [['**/migrate-*.sql'], 'db/sept/migrate-v1.sql', true],
  [['*.md', '!README.md'], 'README.md', false],
  [['*.md', '!README.md', 'README*'], 'README.md', true],
  [['a.b'], 'axb', false],
  [['a(b)'], 'a(b)', true],
])('%j and %s: %j', (patterns, name, expected) => {
  expect(matches(patterns, name)).toBe(expected);
});
