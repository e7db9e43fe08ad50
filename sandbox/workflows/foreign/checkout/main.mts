import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/* Stands alone: act copies this folder to where it runs it. */

const { env } = process;
const known = ['repository', 'ref', 'token', 'path', 'fetch-depth', 'persist-credentials'];
const input = (name: string): string => env[`INPUT_${name.toUpperCase()}`] ?? '';
const unknown = Object.keys(env)
  .filter(name => name.startsWith('INPUT_') && env[name] !== '')
  .map(name => name.slice('INPUT_'.length).toLowerCase())
  .filter(name => !known.includes(name));
if (unknown.length > 0) {
  console.log(`::error::The sandbox's checkout does not know ${unknown.join(', ')}`);
  process.exit(1);
}

const repository = input('repository');
const isOwn = repository === env.GITHUB_REPOSITORY;
const folder = join(env.GITHUB_WORKSPACE ?? '', input('path'));
mkdirSync(folder, { recursive: true });

const credentials = Buffer.from(`x-access-token:${input('token')}`).toString('base64');
const header = [`http.${env.GITHUB_SERVER_URL}/.extraheader`, `AUTHORIZATION: basic ${credentials}`] as const;
const git = (...args: string[]): string =>
  execFileSync('git', args, {
    cwd: folder,
    // Not as an argument, which every process may read.
    env: { ...env, GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: header[0], GIT_CONFIG_VALUE_0: header[1] },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();

git('init', '--quiet', '--initial-branch=main');
git('remote', 'add', 'origin', `${env.GITHUB_SERVER_URL}/${repository}`);
const depth = Number(input('fetch-depth'));
const fetch = (...refs: string[]) =>
  git('fetch', '--quiet', '--no-tags', ...(depth > 0 ? [`--depth=${depth}`] : []), 'origin', ...refs);

const asked = input('ref') || (isOwn ? (env.GITHUB_REF ?? '') : 'HEAD');
const branch = input('ref')
  ? git('ls-remote', '--heads', 'origin', `refs/heads/${asked.replace('refs/heads/', '')}`) &&
    asked.replace('refs/heads/', '')
  : asked.startsWith('refs/heads/') && asked.replace('refs/heads/', '');
// The event's own commit, also when its branch has moved on meanwhile.
const wanted = input('ref') || !isOwn ? (branch ? `refs/heads/${branch}` : asked) : (env.GITHUB_SHA ?? '');
fetch(wanted, ...(depth > 0 ? [] : ['+refs/heads/*:refs/remotes/origin/*']));
if (branch) {
  git('update-ref', `refs/remotes/origin/${branch}`, 'FETCH_HEAD');
  git('checkout', '--quiet', '--force', '-B', branch, `refs/remotes/origin/${branch}`);
} else {
  git('checkout', '--quiet', '--force', '--detach', 'FETCH_HEAD');
}
if (input('persist-credentials') === 'true') git('config', '--local', ...header);
console.log(`${repository} at ${git('log', '-1', '--format=%H')}`);
