import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const everywhere = ['{actions,lib,sandbox,scripts,manifests,terraform}'];
const project = (name: string, suffix: string, timeout: number) => ({
  test: {
    name,
    include: everywhere.map(root => `${root}/**/*${suffix}`),
    exclude: ['**/node_modules/**', ...(name === 'unit' ? ['**/*.real.test.ts', '**/*.full.test.ts'] : [])],
    testTimeout: timeout,
    hookTimeout: timeout,
    ...(name !== 'unit' && { globalSetup: 'scripts/test-bundles.ts' }),
    // A third of the unit suite would be loading the same modules again; what outlives a test in them is a cache.
    isolate: name !== 'unit',
    // Real parts share the machine with whatever else runs on it; what fails twice is no accident.
    retry: name === 'unit' ? 0 : 1,
  },
});

/** Three suites by what they need: nothing; the real parts; the real parts and minutes. */
export default defineConfig({
  test: {
    // Vitest leaves a processor free, which on two is half of them; tests on real parts wait more than they reckon.
    maxWorkers: 2 * availableParallelism(),
    projects: [
      project('unit', '.test.ts', 30_000),
      project('real', '.real.test.ts', 180_000),
      project('full', '.full.test.ts', 900_000),
    ],
  },
});
