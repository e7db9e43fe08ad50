import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { openRun } from '../../sandbox/run.ts';
import { runAction } from '../../sandbox/runner.ts';

/* A repository of somebody who has no platform.yaml: three files in it, one image. */

const run = openRun();
afterAll(() => run.close());

const files = (tag: string): Record<string, string> => ({
  'apps/ui/kustomization.yaml': `resources:\r\n- deployment.yaml\r\nimages:\r\n- name: ui   # the shop's face\r\n  newTag: ${tag}`,
  'charts/ui/values.yaml': `image:\n  repository: ghcr.io/acme/ui\n  tag: "${tag}" # moved\n`,
  'argocd/ui.yaml': `apiVersion: argoproj.io/v1alpha1
kind: Application
spec:
  source:
    chart: ui
    targetRevision: ${tag.slice(1)}.0.0
    helm:
      values: |
        image: { repository: ghcr.io/acme/ui, tag: ${tag} }
`,
});
const lines = (...all: string[]) => all.join('\n');
const inputs = {
  file: lines(...Object.keys(files('v1'))),
  image: 'ui=ghcr.io/acme/ui:v2',
  revision: '2.0.0',
  helm: 'ui: image',
};

let attempt = 0;
let workspace: string;
beforeEach(async () => {
  workspace = join(run.folder, String(attempt++));
  for (const [path, text] of Object.entries(files('v1'))) {
    await mkdir(dirname(join(workspace, path)), { recursive: true });
    await writeFile(join(workspace, path), text);
  }
  await chmod(join(workspace, 'charts/ui/values.yaml'), 0o755);
});

const contents = async () =>
  Object.fromEntries(
    await Promise.all(
      Object.keys(files('v1')).map(
        async path => [path, await readFile(join(workspace, path), 'utf8')] as const,
      ),
    ),
  );
const promote = (more: Record<string, string> = {}, given: Record<string, string> = inputs) =>
  runAction({ action: 'promote', cwd: workspace, env: run.environment(), inputs: { ...given, ...more } });

// The kustomization's image was found under its own name until now: from here on it comes from a registry.
const moved = {
  ...files('v2'),
  'apps/ui/kustomization.yaml': `${files('v2')['apps/ui/kustomization.yaml']}\r\n  newName: ghcr.io/acme/ui`,
};

test('a step changes the files of the workspace, and a second one has nothing to do', async () => {
  const dry = await promote({ 'dry-run': 'true' });
  expect([dry.code, dry.outputs.changed]).toEqual([0, 'false']);
  expect(await contents()).toEqual(files('v1'));

  const first = await promote();
  expect([first.code, first.outputs.changed, first.outputs.diff]).toEqual([0, 'true', dry.outputs.diff]);
  expect(first.outputs.diff?.split('\n').filter(line => !line.startsWith('@@'))).toEqual([
    '-  newTag: v1',
    '+  newTag: v2',
    '+  newName: ghcr.io/acme/ui',
    '-  tag: "v1" # moved',
    '+  tag: "v2" # moved',
    '-    targetRevision: 1.0.0',
    '+    targetRevision: 2.0.0',
    '-        image: { repository: ghcr.io/acme/ui, tag: v1 }',
    '+        image: { repository: ghcr.io/acme/ui, tag: v2 }',
  ]);
  expect(first.summary).toBe(`\`\`\`diff\n${first.outputs.diff}\n\`\`\`\n`);
  expect(await contents()).toEqual(moved);
  expect((await lstat(join(workspace, 'charts/ui/values.yaml'))).mode & 0o777).toBe(0o755);

  const second = await promote();
  expect([second.code, second.outputs]).toEqual([0, { changed: 'false', diff: '' }]);
  expect(second.log).toMatch(/\nNothing to change: .* say so already\n$/);
});

test.each([
  [
    'an environment and files',
    { environment: 'staging' },
    /^The inputs environment and file do not go together: leave environment out$/,
  ],
  ['neither of them', { file: '' }, /^Input "environment" is missing: .* or the files to change with file$/],
  [
    'helm without files',
    { file: '', environment: 'staging' },
    /^The input helm is about files: name them with file/,
  ],
  ['a path out of the workspace', { file: '../x.yaml' }, /leads out of the folder/],
])('%s: refused', async (_, more, message) => {
  const { code, annotations } = await promote(more);
  expect([code, annotations.map(each => each.message)]).toEqual([1, [expect.stringMatching(message)]]);
  expect(await contents()).toEqual(files('v1'));
});

test('one file that cannot be changed, and none is; the mistake is shown at its line', async () => {
  await writeFile(
    join(workspace, 'argocd/ui.yaml'),
    files('v1')['argocd/ui.yaml']?.replace('values: |', 'values: >') ?? '',
  );
  const { code, annotations } = await promote();
  expect([code, annotations]).toEqual([
    1,
    [
      {
        level: 'error',
        file: 'argocd/ui.yaml',
        line: 8,
        message: expect.stringMatching(/is no literal block/),
      },
    ],
  ]);
  expect((await contents())['charts/ui/values.yaml']).toBe(files('v1')['charts/ui/values.yaml']);
});

test('a terminal does the same where one stands, with options as often as needed', async () => {
  const script = join(import.meta.dirname, '../../scripts/slipway.ts');
  const options = Object.keys(files('v1')).flatMap(path => ['--file', path]);
  const slipway = (...more: string[]) =>
    promisify(execFile)(
      process.execPath,
      [
        script,
        'promote',
        ...options,
        '--image',
        inputs.image,
        '--revision',
        '2.0.0',
        '--helm',
        inputs.helm,
        ...more,
      ],
      {
        cwd: dirname(dirname(script)),
        env: { ...run.environment(), INIT_CWD: workspace },
      },
    );
  const first = await slipway();
  expect(first.stdout).toMatch(/^@@ apps\/ui\/kustomization\.yaml:5 @@\n-/);
  expect(first.stdout).toMatch(
    /\nWritten: apps\/ui\/kustomization\.yaml, charts\/ui\/values\.yaml, argocd\/ui\.yaml\nchanged: true\n$/,
  );
  const second = await slipway('--directory', workspace);
  expect(second.stdout).toMatch(/^Nothing to change: .*\nchanged: false\n$/);
});

test('whoever stands in a folder below is not asked about files', async () => {
  const script = join(import.meta.dirname, '../../scripts/slipway.ts');
  const slipway = promisify(execFile)(process.execPath, [script, 'promote', 'nowhere', '--dry-run'], {
    cwd: dirname(dirname(script)),
    env: { ...run.environment(), INIT_CWD: workspace },
  });
  await expect(slipway).rejects.toMatchObject({
    stdout: expect.stringMatching(/There is no environment "nowhere"/),
  });
});
