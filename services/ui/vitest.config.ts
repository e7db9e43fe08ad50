import { defineConfig } from 'vitest/config';

const project = (name: string, suffix: string, timeout: number) => ({
  test: {
    name,
    include: [`{src,client,pictures,tests}/**/*${suffix}`],
    exclude: name === 'unit' ? ['**/*.real.test.ts', '**/*.full.test.ts'] : [],
    testTimeout: timeout,
    hookTimeout: timeout,
    isolate: false, // what a file imports, the next one has already; none changes what it imports
    ...(name === 'real' && { globalSetup: 'tests/build.ts' }),
  },
});

/** Three suites by what they need: nothing; the built pages, and the program itself as a process; the same and minutes. */
export default defineConfig({
  test: {
    projects: [
      project('unit', '.test.ts', 10_000),
      project('real', '.real.test.ts', 60_000),
      project('full', '.full.test.ts', 300_000),
    ],
  },
});
