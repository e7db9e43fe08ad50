import { execFile } from 'node:child_process';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pinFile, pinText } from '../../../sandbox/github/pins.ts';
import { type PromotionHub, promotionHub } from '../../../scripts/testing/promotion.ts';
import { terminalRunner } from '../../runner/terminal.ts';
import { history, type Line } from './history.ts';
import { table } from './table.ts';

let hub: PromotionHub;
beforeAll(async () => {
  hub = await promotionHub({
    services: ['ui', 'product'],
    environments: { staging: undefined, production: '{ from: staging, by: pull-request }' },
  });
});
afterAll(() => hub?.[Symbol.asyncDispose]());

const person = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.com' };
const isolated = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', PATH: process.env.PATH ?? '' };
const env = { ...isolated, ...person, GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.com' };

/** A clone of a repository in the sandbox, and what somebody does in it. */
async function clone(repository: string, ...options: string[]) {
  const folder = join(hub.run.folder, `clone-${repository}${options.join('')}`);
  const bare = `file://${join(hub.run.folder, 'github/acme', `${repository}.git`)}`;
  await promisify(execFile)('git', ['clone', '--quiet', ...options, bare, folder], { env });
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', args, { cwd: folder, env })).stdout;
  const commit = async (message: string) => {
    await git('add', '--all');
    await git('commit', '--quiet', '--message', message);
  };
  return { folder, commit, write: (path: string, text: string) => writeFile(join(folder, path), text) };
}

async function read(folder: string, environment = 'production', service?: string): Promise<Line[]> {
  const runner = terminalRunner();
  return history(runner, { environment, service, platformFile: join(folder, 'platform.yaml') });
}

const told = ({ service, from, to, by, pullRequest, run }: Line) =>
  [service, from, '→', to, by, pullRequest ?? 'none', run?.split('/').at(-1) ?? 'none'].join(' ');

test('merges, squashes and commits are each one line, with who approved it, the pull request, and the run', async () => {
  const { people, go, announce } = await hub.shop('told');
  await announce('v1.1.0'); // 1
  await go({}); // 2
  await announce('v1.2.0'); // 3
  await announce('v2.0.0', 'ui'); // 4
  await go({}); // 5
  await people.merge(1, { by: 'grace' });
  await announce('v1.3.0'); // 6
  await go({}); // 7
  await people.merge(2, { method: 'squash' });
  await people.commit({
    files: {
      [pinFile('production', 'ui')]: pinText('ui', 'v2.0.1'),
      [pinFile('production', 'product')]: pinText('product', 'v1.3.0').replace('moved', 'never moved'),
    },
    message: 'A hotfix by hand\x1f\x1e\n\nRun: no address',
    author: 'linus',
  });
  const { folder } = await clone('told');
  const lines = await read(folder);
  expect(lines.map(told)).toEqual([
    'ui v2.0.0 → v2.0.1 linus none none',
    'product v1.2.0 → v1.3.0 octocat 2 7',
    'product v1.0.0 → v1.2.0 grace 1 5',
    'ui v1.0.0 → v2.0.0 grace 1 5',
    'product  → v1.0.0 Octo Cat none none',
    'ui  → v1.0.0 Octo Cat none none',
  ]);
  expect((await read(folder, 'staging', 'ui')).map(told)).toEqual([
    'ui v1.0.0 → v2.0.0 octocat none 4',
    'ui  → v1.0.0 Octo Cat none none',
  ]);
  expect(lines[1]?.commit).toMatch(/^[0-9a-f]{40}$/);
  expect(
    table(lines)
      .split('\n')
      .map(each => each.replace(/^\S+ \S+ UTC/, 'TIME').replace(/\w{10}$/, 'SHA')),
  ).toEqual([
    'when                  service  from    to      by        how        commit',
    'TIME  ui       v2.0.0  v2.0.1  linus     by hand    SHA',
    'TIME  product  v1.2.0  v1.3.0  octocat   #2, run 7  SHA',
    'TIME  product  v1.0.0  v1.2.0  grace     #1, run 5  SHA',
    'TIME  ui       v1.0.0  v2.0.0  grace     #1, run 5  SHA',
    'TIME  product  -       v1.0.0  Octo Cat  by hand    SHA',
    'TIME  ui       -       v1.0.0  Octo Cat  by hand    SHA',
  ]);

  const script = join(import.meta.dirname, '../../../scripts/slipway.ts');
  const args = [script, 'history', 'production', '--service', 'ui', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env: isolated });
  expect(JSON.parse(stdout)).toEqual(lines.filter(({ service }) => service === 'ui'));

  // Any line of it can be gone back to.
  await go({ rollback: lines[3]?.commit ?? '' });
  await people.merge(3);
  expect(await people.file(pinFile('production', 'product'))).toBe(
    pinText('product', 'v1.2.0').replace('moved', 'never moved'),
  );
});

test('who sets by hand what a promotion had set before is told as who they are', async () => {
  const { people, announce } = await hub.shop('again');
  await announce('v1.1.0', 'ui'); // 1
  const set = (version: string, author: string) =>
    people.commit({
      files: { [pinFile('staging', 'ui')]: pinText('ui', version) },
      message: `Set ui to ${version}`,
      author,
    });
  await set('v1.0.0', 'grace');
  await set('v1.1.0', 'mallory');
  const { folder } = await clone('again');
  expect((await read(folder, 'staging', 'ui')).map(told)).toEqual([
    'ui v1.0.0 → v1.1.0 mallory none none',
    'ui v1.1.0 → v1.0.0 grace none none',
    'ui v1.0.0 → v1.1.0 octocat none 1',
    'ui  → v1.0.0 Octo Cat none none',
  ]);
});

test('renamed files are followed, and what could not be read or was deleted breaks nothing', async () => {
  await hub.shop('renamed');
  const { folder, commit, write } = await clone('renamed');
  const [ui, product] = [pinFile('production', 'ui'), pinFile('production', 'product')];
  // As long as a real one, so that it is known again.
  const long = (version: string) => `${pinText('ui', version)}\r\n# ${'x'.repeat(500)}`;
  await write(ui, long('v2'));
  await commit('Second');
  await mkdir(join(folder, 'manifests/environments/prod'));
  await rename(join(folder, ui), join(folder, pinFile('prod', 'web')));
  await commit('Somewhere else');
  await rename(join(folder, pinFile('prod', 'web')), join(folder, ui));
  await write(ui, long('v3'));
  await write(product, 'kind: Application\n\tnot: yaml');
  await commit('Back, and changed at once');
  await write(product, pinText('product', 'v1.0.0').replace(':v1.0.0@', ':v1.0.1@'));
  await commit('The image alone');
  await rm(join(folder, product));
  await commit('No more');
  expect((await read(folder)).map(told)).toEqual([
    'product v1.0.0 →  Ada none none',
    'product unreadable → v1.0.0 Ada none none',
    'product v1.0.0 → unreadable Ada none none',
    'ui v2 → v3 Ada none none',
    'ui v1.0.0 → v2 Ada none none',
    'product  → v1.0.0 Octo Cat none none',
    'ui  → v1.0.0 Octo Cat none none',
  ]);
});

test('a shallow clone, a folder without git, and a service that is not there are refused', async () => {
  await hub.shop('shallow');
  const { folder: whole } = await clone('shallow');
  await expect(read(whole, 'production', 'prodct')).rejects.toThrow(/did you mean "product"/);
  const { people } = await hub.shop('deeper');
  await people.commit({ files: { x: 'x' }, message: 'Second' });
  await expect(read((await clone('deeper', '--depth=1')).folder)).rejects.toThrow(
    /^This clone is shallow.*git fetch --unshallow.*fetch-depth: 0$/,
  );
  const none = join(hub.run.folder, 'none');
  await mkdir(none);
  await promisify(execFile)('cp', [join(whole, 'platform.yaml'), none]);
  await expect(read(none)).rejects.toThrow(/is in no git repository/);
});
