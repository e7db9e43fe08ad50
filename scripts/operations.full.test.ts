import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkPins } from '../lib/platform/pins.ts';
import { load } from '../lib/platform/platform.ts';
import { violations } from '../sandbox/manifests/policy.ts';
import { placed, renderer } from '../sandbox/manifests/render.ts';
import { openRun } from '../sandbox/run.ts';
import { upstreams } from '../sandbox/upstream/index.ts';

/* Every recipe in docs/operations.md is followed to the letter, on a copy. */

const root = join(import.meta.dirname, '..');
const run = openRun();
afterAll(() => run.close());

const [, ...sections] = readFileSync(join(root, 'docs/operations.md'), 'utf8').split(/^## /m);
const recipes = sections.map(section => {
  const [title = ''] = section.split('\n');
  const blocks = [...section.matchAll(/^( *)```sh\n([\s\S]*?)^ *```/gm)].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
  // The check itself is done below; there are no dependencies in a copy.
  return { title, commands: blocks.join('').replaceAll(/^npm run check$/gm, '') };
});

/** What a recipe upgrades to is not here to be had: what is pinned plays it. */
const upgrades: Record<string, string> = {
  'Upgrade Argo CD': 'argoproj/argo-cd',
  'Upgrade Traefik': 'traefik/traefik',
  'Upgrade cert-manager': 'cert-manager/cert-manager',
};

test('there are recipes, and each has commands', () => {
  expect(recipes.length).toBeGreaterThan(7);
  for (const { title, commands } of recipes) expect(commands.trim(), title).not.toBe('');
});

test.each(recipes)('$title', async ({ title, commands }) => {
  const copy = join(run.folder, `recipe-${title.replaceAll(' ', '-')}`);
  mkdirSync(copy);
  const filter = (path: string) => !['node_modules', 'dist'].includes(basename(path));
  for (const each of ['platform.yaml', 'manifests', 'services'])
    cpSync(join(root, each), join(copy, each), { recursive: true, filter });
  const text = () => readTree(copy);
  const before = text();
  execFileSync('bash', ['--norc', '-euc', commands], { cwd: copy, env: run.environment() });
  expect(text(), 'the recipe changes something').not.toBe(before);
  // The new service's repository, as its team would have made it.
  if (title === 'Add a service') {
    cpSync(join(copy, 'services/product/deploy'), join(copy, 'services/reviews/deploy'), { recursive: true });
    execFileSync(
      'bash',
      ['--norc', '-euc', "perl -pi -e 's/product/reviews/g' services/reviews/deploy/*.yaml"],
      {
        cwd: copy,
      },
    );
  }

  const file = join(copy, 'platform.yaml');
  const platform = await load(file);
  await checkPins(platform, join(copy, 'manifests'));

  const version = /^VERSION=(.+)$/m.exec(commands)?.[1];
  const all = await upstreams(['argoproj/argo-cd', 'traefik/traefik', 'cert-manager/cert-manager']);
  const mirrored = all.map(each =>
    each.repository === upgrades[title] ? { ...each, tag: `v${version}` } : each,
  );
  const own = openRun();
  const render = await renderer(own, mirrored);
  try {
    for (const name of Object.keys(platform.environments)) {
      const rendered = await render.environment(name, copy);
      expect(rendered.map(({ application }) => application)).toEqual(
        expect.arrayContaining([
          'root',
          'argocd',
          'traefik',
          'cert-manager',
          'certificate',
          ...Object.keys(platform.services),
        ]),
      );
      expect(violations(placed(rendered))).toEqual([]);
    }
  } finally {
    await render.close();
    await own.close();
  }
});

const readTree = (folder: string): string =>
  execFileSync('bash', ['--norc', '-euc', 'find . -type f | sort | xargs cat'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
