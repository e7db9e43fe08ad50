import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readWorkflow } from './workflow-files.ts';

/*
 * The steps of release.yml as they stand there, in the shell that GitHub runs them in, on repositories of their own. Only `gh`
 * is played: it writes down what it was asked.
 */

const { build, publish } = readWorkflow('.github/workflows/release.yml').jobs;
const script = (name: string): string => {
  const found = [build, publish].flatMap(job => job?.steps ?? []).find(step => step.name === name)?.run;
  if (!found) throw new Error(`release.yml has no step "${name}"`);
  return found;
};

const execute = promisify(execFile);
let folder: string;
let origin: string;
let clones = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-release-'));
  origin = join(folder, 'origin.git');
  await execute('git', ['init', '--quiet', '--bare', '--initial-branch', 'main', origin]);
  const work = await clone();
  await writeFile(join(work, 'README.md'), 'shop\n');
  await writeFile(join(work, '.gitignore'), 'dist/\n');
  await commit(work, 'First');
  await mkdir(join(folder, 'bin'));
  const gh = join(folder, 'bin/gh');
  // A release that was made is there for the next who looks.
  await writeFile(
    gh,
    `#!/bin/sh
echo "$@" >> "${folder}/gh.log"
case "$1 $2" in
  'release view') grep -q "release create $3 " "${folder}/gh.log" ;;
esac
`,
  );
  await chmod(gh, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function git(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute('git', args, { cwd });
  return stdout.trim();
}

/** A clean clone, as actions/checkout leaves it. */
async function clone(): Promise<string> {
  const work = join(folder, `clone-${clones++}`);
  await execute('git', ['clone', '--quiet', origin, work], { cwd: folder });
  return work;
}

async function commit(work: string, message: string): Promise<void> {
  await git(work, 'add', '--all');
  const who = ['-c', 'user.name=octocat', '-c', 'user.email=octocat@example.com'];
  await git(work, ...who, 'commit', '--quiet', '--message', message);
  await git(work, 'push', '--quiet', 'origin', 'HEAD:refs/heads/main');
}

/** What a job's shell says: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell */
async function step(name: string, cwd: string, env: Record<string, string> = {}): Promise<string> {
  const file = join(folder, 'step.sh');
  await writeFile(file, script(name));
  const path = `${folder}/bin:${process.env.PATH}`;
  const { stdout, stderr } = await execute('bash', ['-e', file], {
    cwd,
    env: { PATH: path, HOME: folder, GH_TOKEN: 'x', ...env },
  });
  return stdout + stderr;
}

async function bundles(work: string, text = 'plan'): Promise<string> {
  await mkdir(join(work, 'dist/chunks'), { recursive: true });
  await writeFile(join(work, 'dist/plan.mjs'), text);
  await writeFile(join(work, 'dist/chunks/a.mjs'), 'a');
  const output = join(folder, 'output');
  await writeFile(output, '');
  await step('Checksums', work, { GITHUB_OUTPUT: output });
  return (await readFile(output, 'utf8')).replace('checksum=', '').trim();
}

/** What was uploaded, as it is downloaded. */
async function artifact(text?: string): Promise<{ BUNDLES: string; CHECKSUM: string }> {
  const BUNDLES = await mkdtemp(join(folder, 'bundles-'));
  return { BUNDLES, CHECKSUM: await bundles(BUNDLES, text) };
}

async function release(VERSION: string): Promise<void> {
  const work = await clone();
  await step('The artifact is what was built', work, await artifact());
  await step('Tag main plus dist/', work, { VERSION });
}

const commitOf = (tag: string) => git(origin, 'rev-parse', `${tag}^{commit}`);
const asked = async () => (await readFile(join(folder, 'gh.log'), 'utf8')).split('\n');

test('a version is three numbers, and what is none is told so', async () => {
  const check = (VERSION: string) => step('The version is a version', folder, { VERSION });
  for (const version of ['v1.2.3', 'v10.0.0', 'v0.0.1']) await expect(check(version)).resolves.toBe('');
  for (const version of ['1.2.3', 'v1.2', 'v1.2.3-rc.1', 'v01.2.3', 'v1.2.3; id', 'v1', ''])
    await expect(check(version)).rejects.toMatchObject({
      stdout: `::error::The version is "${version}": write it as v1.2.3\n`,
    });
});

test('a release is main plus bundles, and the tag of its major version leads to the newest', async () => {
  await release('v1.9.0');
  expect(await git(origin, 'ls-tree', '-r', '--name-only', 'v1.9.0')).toBe(
    ['.gitignore', 'README.md', 'SHA256SUMS', 'dist/chunks/a.mjs', 'dist/plan.mjs'].join('\n'),
  );
  expect(await git(origin, 'rev-parse', 'v1.9.0~')).toBe(await git(origin, 'rev-parse', 'main'));
  expect(await commitOf('v1')).toBe(await commitOf('v1.9.0'));

  const work = await clone();
  await writeFile(join(work, 'README.md'), 'more\n');
  await commit(work, 'Second');
  await release('v1.10.0');
  expect(await commitOf('v1')).toBe(await commitOf('v1.10.0'));
  expect((await asked()).filter(line => line.startsWith('release create'))).toEqual(
    ['v1.9.0', 'v1.10.0'].map(
      version => `release create ${version} SHA256SUMS --verify-tag --generate-notes`,
    ),
  );

  // Main holds what comes after: an older version would have it under an older name.
  const before = await git(origin, 'show-ref');
  await expect(release('v1.9.1')).rejects.toMatchObject({
    stdout:
      '::error::v1.9.1 is older than v1.10.0, and would hold what is newer: release a version after it\n',
  });
  expect(await git(origin, 'show-ref')).toBe(before);
});

test('when workflows have changed on main meanwhile it says so, for GitHub would refuse the tag', async () => {
  const late = await clone();
  await step('The artifact is what was built', late, await artifact());
  const work = await clone();
  await mkdir(join(work, '.github/workflows'), { recursive: true });
  await writeFile(join(work, '.github/workflows/ci.yml'), 'on: push\n');
  await commit(work, 'Second');
  await expect(step('Tag main plus dist/', late, { VERSION: 'v1.0.0' })).rejects.toMatchObject({
    stdout: expect.stringMatching(/^::error::Workflows have changed on main since this run began/),
  });
  expect(await git(origin, 'tag')).toBe('');
});

test('run once more it changes nothing, and a version never moves', async () => {
  await release('v1.0.0');
  const first = await commitOf('v1.0.0');
  await release('v1.0.0');
  expect(await commitOf('v1.0.0')).toBe(first);
  expect((await asked()).filter(line => line.startsWith('release create'))).toHaveLength(1);

  const work = await clone();
  await writeFile(join(work, 'README.md'), 'more\n');
  await commit(work, 'Second');
  await expect(release('v1.0.0')).rejects.toMatchObject({
    stderr: expect.stringContaining('already exists'),
  });
  expect(await commitOf('v1.0.0')).toBe(first);
  expect(await commitOf('v1')).toBe(first);
});

test.each<[string, (bundles: string) => Promise<unknown>]>([
  ['a bundle was changed', bundled => writeFile(join(bundled, 'dist/plan.mjs'), 'evil')],
  ['a file came along', bundled => writeFile(join(bundled, 'dist/more.mjs'), 'evil')],
  ['a file came along beside dist', bundled => writeFile(join(bundled, '.gitattributes'), 'evil')],
  ['a link came along', bundled => symlink('/etc/passwd', join(bundled, 'dist/more.mjs'))],
  ['a file is missing', bundled => rm(join(bundled, 'dist/chunks/a.mjs'))],
  ['a bundle and its checksum were changed', bundled => bundles(bundled, 'evil')],
])('what was built is not what has arrived: %s', async (_, change) => {
  const work = await clone();
  const arrived = await artifact();
  await change(arrived.BUNDLES);
  await expect(step('The artifact is what was built', work, arrived)).rejects.toMatchObject({ code: 1 });
  expect(await git(work, 'status', '--porcelain', '--ignored')).toBe('');
});
