import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { services } from './services.ts';

/* Each service can leave for a repository of its own as it is; until then, what they have in common stays the same. */

const read = (folder: string, file: string) => readFileSync(join(folder, file), 'utf8');
const sources = (folder: string) =>
  globSync('{src,tests,*}/*.ts', { cwd: folder }).concat(globSync('src/**/*.ts', { cwd: folder }));

test('the shop has its three services', () => {
  expect(services.map(({ name }) => name)).toEqual(['product', 'ui', 'user-manager']);
});

test.each(['server', 'database', 'testing', 'tracing'])('src/%s is the same wherever it is', shared => {
  const copies = services
    .map(({ folder }) =>
      globSync(`src/${shared}/*`, { cwd: folder })
        .sort()
        .map(file => [file, read(folder, file)]),
    )
    .filter(files => files.length > 0);
  expect(copies.length).toBeGreaterThan(1);
  for (const copy of copies) expect(copy).toEqual(copies[0]);
});

describe.each(services)('$name', ({ folder }) => {
  test('imports nothing from outside of its folder', () => {
    const outside = sources(folder).flatMap(file =>
      [...read(folder, file).matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'(\.[^']+)'/g)]
        .map(([, target = '']) => relative(folder, join(folder, dirname(file), target)))
        .filter(target => target.startsWith('..'))
        .map(target => `${file} → ${target}`),
    );
    expect(outside).toEqual([]);
  });

  test('brings what a repository needs', () => {
    const files = [
      '.gitignore',
      '.dockerignore',
      '.npmrc',
      '.github/workflows/ci.yml',
      'Dockerfile',
      'README.md',
      'tsconfig.json',
      'vitest.config.ts',
    ];
    for (const file of files) expect(read(folder, file).length).toBeGreaterThan(0);
  });

  test('has the three suites that npm test and npm run test:full ask for', () => {
    const config = read(folder, 'vitest.config.ts');
    for (const suite of ['unit', 'real', 'full']) expect(config).toContain(`project('${suite}',`);
  });

  test('pins what it depends on, and its lock names no registry', () => {
    const { dependencies, devDependencies } = JSON.parse(read(folder, 'package.json'));
    for (const version of Object.values({ ...dependencies, ...devDependencies }))
      expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    expect(read(folder, 'package-lock.json')).not.toContain('"resolved"');
  });

  test('runs as nobody in particular, on a base that has a version', () => {
    const lines = read(folder, 'Dockerfile').split('\n');
    const bases = lines.filter(line => line.startsWith('FROM '));
    expect(bases.length).toBe(2);
    for (const base of bases) expect(base).toMatch(/^FROM \S+\/[\w-]*:?[\w.-]*\d\S*/);
    expect(lines.join('\n')).not.toMatch(/:latest|^ENV .*(SECRET|PASSWORD|KEY)|^ADD /m);
    expect(lines).toContain('USER 65532:65532');
  });
});
