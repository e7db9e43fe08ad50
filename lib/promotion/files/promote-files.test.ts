import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Runner } from '../../runner/runner.ts';
import { promoteFiles } from './promote-files.ts';
import { readWithin, replaceAll } from './working-tree.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'files-'));
  return () => rmSync(directory, { recursive: true });
});

const put = (path: string, text: string, mode = 0o644) => {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
  chmodSync(join(directory, path), mode);
};
const read = (path: string) => readFileSync(join(directory, path), 'utf8');
const mode = (path: string) => lstatSync(join(directory, path)).mode & 0o7777;
const kustomization = (tag: string) => `images:\r\n  - { name: ui, newTag: ${tag} } # why`;
const pod = (tag: string) => `apiVersion: v1\nkind: Pod\nspec: { containers: [{ image: ui:${tag} }] }\n`;

async function run(file: string, more: { image?: string; revision?: string; dryRun?: boolean } = {}) {
  const said: string[] = [];
  const tell = async (line: string) => void said.push(line);
  const runner = { info: tell, summary: async () => {} } as unknown as Runner;
  const done = await promoteFiles(runner, { directory, file, image: 'ui=:v2', dryRun: false, ...more });
  return { ...done, said };
}

test('several files: a line each, their modes stay, and a second run has nothing to do', async () => {
  put('base/kustomization.yaml', kustomization('v1'), 0o755);
  put('pod.yaml', pod('v1'), 0o600);
  const files = 'base/kustomization.yaml\npod.yaml\n./pod.yaml';
  const diff = `@@ base/kustomization.yaml:2 @@
-  - { name: ui, newTag: v1 } # why
+  - { name: ui, newTag: v2 } # why
@@ pod.yaml:3 @@
-spec: { containers: [{ image: ui:v1 }] }
+spec: { containers: [{ image: ui:v2 }] }`;

  expect(await run(files, { dryRun: true })).toEqual({
    changed: false,
    diff,
    said: [diff, 'Not written: base/kustomization.yaml, pod.yaml (a dry run)'],
  });
  expect(read('pod.yaml')).toBe(pod('v1'));

  expect(await run(files)).toEqual({
    changed: true,
    diff,
    said: [diff, 'Written: base/kustomization.yaml, pod.yaml'],
  });
  expect([read('base/kustomization.yaml'), read('pod.yaml')]).toEqual([kustomization('v2'), pod('v2')]);
  expect([mode('base/kustomization.yaml'), mode('pod.yaml')]).toEqual([0o755, 0o600]);
  expect([...readdirSync(directory), ...readdirSync(join(directory, 'base'))].sort()).toEqual(
    ['base', 'kustomization.yaml', 'pod.yaml'].sort(),
  );

  const before = lstatSync(join(directory, 'pod.yaml')).mtimeMs;
  expect(await run(files)).toEqual({
    changed: false,
    diff: '',
    said: ['Nothing to change: base/kustomization.yaml, pod.yaml say so already'],
  });
  expect(lstatSync(join(directory, 'pod.yaml')).mtimeMs).toBe(before);
});

test('one file that is wrong, and nothing is written; everything that is wrong is told', async () => {
  put('pod.yaml', pod('v1'));
  put(
    'alias.yaml',
    'x: &x v1\nimages: [{ name: ui, newTag: *x }]\nkind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n',
  );
  put('broken.yaml', 'a: b: c\n');
  put('other.yaml', pod('v1').replace('ui:', 'other:'));
  const message = await run('pod.yaml\nalias.yaml\nbroken.yaml\nother.yaml').catch(error =>
    String(error.message),
  );
  expect(String(message).split('\n')).toEqual([
    expect.stringMatching(/^alias\.yaml:2:30: images\.0\.newTag is only an alias/),
    expect.stringMatching(/^broken\.yaml:1:4: This is not valid YAML/),
  ]);
  await expect(run('pod.yaml\nother.yaml')).rejects.toThrow(
    /^other\.yaml: Nothing of what is given stands in this file.*it has other/,
  );
  await expect(run('pod.yaml', { image: 'ui=:v2\nuu=:v2' })).rejects.toThrow(
    /^pod\.yaml: Nothing here is called "uu" .* did you mean "ui"\?$/,
  );
  expect(read('pod.yaml')).toBe(pod('v1'));
});

test('what leads out of the folder, or through a link, is refused before anything is read', async () => {
  put('real/pod.yaml', pod('v1'));
  symlinkSync(join(directory, 'real/pod.yaml'), join(directory, 'link.yaml'));
  symlinkSync(join(directory, 'real'), join(directory, 'linked'));
  const given = {
    '../x.yaml': /leads out of the folder/,
    'real/../../x.yaml': /leads out of the folder/,
    'real/../real/pod.yaml': /leads out of the folder/,
    '/etc/passwd': /leads out of the folder/,
    'link.yaml': /goes through a symbolic link/,
    'linked/pod.yaml': /goes through a symbolic link/,
    'no/pod.yaml': /no such file/,
    'real/pod.yaml/x': /This is no file|no such file/,
    real: /This is no file/,
    '.': /This is a folder/,
  };
  const error = await run(Object.keys(given).join('\n')).catch(
    error => error as { errors: { message: string; at: object }[] },
  );
  const told = (error as { errors: { message: string; at: object }[] }).errors;
  expect(told.map(({ message, at }) => ({ message, at }))).toEqual(
    Object.entries(given).map(([file, message]) => ({
      message: expect.stringMatching(message),
      at: { file },
    })),
  );
  expect(read('real/pod.yaml')).toBe(pod('v1'));
});

test('a file that may not be written is left alone, although its folder may be', async () => {
  put('pod.yaml', pod('v1'), 0o444);
  await expect(run('pod.yaml')).rejects.toThrow(/^pod\.yaml: This file is read-only/);
  expect([read('pod.yaml'), mode('pod.yaml')]).toEqual([pod('v1'), 0o444]);
});

test('a chart of templates is told line by line, and a revision where nothing has one as that', async () => {
  put(
    'deployment.yaml',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n  labels: {{- include "x" . | nindent 4 }}\nspec: { image: {{ .Values.image }} }\n',
  );
  const { errors } = (await run('deployment.yaml').catch(
    error => error as { errors: { at: { line: number } }[] },
  )) as { errors: { at: { line: number } }[] };
  expect(errors.map(({ at }) => at.line)).toEqual([4, 5, 6]);
  put('pod.yaml', pod('v1'));
  await expect(run('pod.yaml', { revision: 'v2' })).rejects.toThrow(
    /^pod\.yaml: There is no Application here, so nothing has a revision \(v2\): leave revision out/,
  );
});

test('two kustomizations in one folder are refused, whichever is named', async () => {
  put('kustomization.yaml', kustomization('v1'));
  put('Kustomization', kustomization('v1'));
  await expect(run('kustomization.yaml')).rejects.toThrow(
    /^kustomization\.yaml: There is Kustomization beside it/,
  );
  await expect(run('Kustomization')).rejects.toThrow(/There is kustomization\.yaml beside it/);
});

test('a file that somebody changes meanwhile is left to them, and the others with it', async () => {
  put('a.yaml', 'a');
  put('b.yaml', 'b');
  const files = await Promise.all(['a.yaml', 'b.yaml'].map(path => readWithin(directory, path)));
  put('b.yaml', 'theirs');
  const all = files.map(was => ({ was, bytes: Buffer.from('ours') }));
  await expect(replaceAll(all)).rejects.toThrow(/^Somebody has changed this file meanwhile/);
  expect([read('a.yaml'), read('b.yaml'), readdirSync(directory).length]).toEqual(['a', 'theirs', 2]);
});
