import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runAction } from '../sandbox/runner.ts';
import { actions } from './docs.ts';

/* What a release has, from clean clones: the same bytes wherever they are built, and actions that need nothing beside them. */

const root = dirname(import.meta.dirname);
const execute = promisify(execFile);
let folder: string;
let release: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-release-'));
  release = join(folder, 'release');
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What is committed here, and nothing else, built as release.yml does. */
async function built(path: string): Promise<string> {
  const clone = join(folder, path);
  await execute('git', ['clone', '--quiet', '--no-local', '--depth', '1', `file://${root}`, clone]);
  // What `npm ci` would put there: the lock's integrity makes it the same each time.
  await symlink(join(root, 'node_modules'), join(clone, 'node_modules'));
  await execute(process.execPath, ['scripts/build.ts'], { cwd: clone });
  return clone;
}

const checksums = (clone: string): Record<string, string> =>
  Object.fromEntries(
    globSync('dist/**/*.mjs', { cwd: clone })
      .sort()
      .map(file => [
        file,
        createHash('sha256')
          .update(readFileSync(join(clone, file)))
          .digest('hex'),
      ]),
  );

test('two clean clones at different paths have the same bundles, byte for byte', async () => {
  const [first, second] = [await built('a'), await built('some/where/deeper')];
  const sums = checksums(first);
  expect(Object.keys(sums)).toEqual(expect.arrayContaining(actions().map(name => `dist/${name}.mjs`)));
  expect(checksums(second)).toEqual(sums);
  for (const file of Object.keys(sums)) {
    const text = readFileSync(join(first, file), 'utf8');
    expect([folder, root].filter(path => text.includes(path))).toEqual([]);
  }

  await cp(join(first, 'dist'), join(release, 'dist'), { recursive: true });
  await cp(join(first, 'platform.yaml'), join(release, 'platform.yaml'));
  for (const action of actions())
    await cp(join(first, 'actions', action, 'action.yml'), join(release, 'actions', action, 'action.yml'));
});

test.each(actions())(
  '%s starts from a release, with no sources and no modules, and says what is wrong',
  async action => {
    expect(globSync('**/{node_modules,*.ts}', { cwd: release })).toEqual([]);
    for (const [, file = ''] of readFileSync(join(release, 'actions', action, 'action.yml'), 'utf8').matchAll(
      /^ {2}(?:main|post): (\S+)$/gm,
    ))
      expect(existsSync(join(release, 'actions', action, file)), file).toBe(true);
    const { code, annotations, stdout } = await runAction({
      action,
      inputs: { environment: 'stagin', confirm: 'stagin', service: 'ui', image: 'x', revision: 'y' },
      cwd: release,
      bundles: join(release, 'dist'),
      env: {
        EXOSCALE_API_KEY: 'EXOkey',
        EXOSCALE_API_SECRET: 'a-secret',
        CLOUDFLARE_API_TOKEN: 'a-token',
        GITHUB_TOKEN: 'ghs_x',
      },
    });
    expect(code, stdout).toBe(1);
    expect(annotations[0]?.message).toMatch(/"stagin".*"staging"/);
    expect(stdout).not.toMatch(/^ +at /m);
  },
);
