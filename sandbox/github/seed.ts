import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Git } from './git.ts';
import { openObjects, type Person } from './objects.ts';
import { newSettings } from './settings.ts';
import { now, type Repository, type World } from './world.ts';

/** What a seeded repository begins with. The author and dates are fixed, so that the same folder is always the same commit. */
const sower: Person = {
  name: 'Octo Cat',
  email: 'octocat@users.noreply.github.com',
  date: '2026-01-01T00:00:00Z',
};

export interface Seed {
  /** What it begins with; a repository without one is empty. */
  folder?: string;
  /** Put on the one commit. */
  tag?: string;
  /** Reading needs a token too. */
  private?: boolean;
}

/**
 * Makes a bare repository of one commit from a folder: what .gitignore names stays out, unless it is a mirror. A mirror
 * that is there already gets one more tag.
 */
export async function makeRepository(
  world: World,
  git: Git,
  root: string,
  slug: string,
  seed: Seed & { mirror?: boolean },
): Promise<Repository> {
  const [owner, name, rest] = slug.split('/');
  if (!owner || !name || rest !== undefined)
    throw new Error(`"${slug}" is not a repository: write OWNER/NAME`);
  const mirror = seed.mirror ?? false;
  const known = world.find(slug);
  if (known && !(mirror && known.mirror)) throw new Error(`The repository ${slug} exists already`);

  const bare = join(root, owner, `${name}.git`);
  if (known) {
    const commit = await commitFolder(git, bare, seed, `${slug} ${seed.tag}`);
    await known.objects.moveRef(`refs/tags/${seed.tag}`, commit, undefined);
    return known;
  }
  await mkdir(dirname(bare), { recursive: true });
  await git(bare, ['init', '--bare', '--quiet', '--template=', '--initial-branch=main']);
  await appendFile(join(bare, 'config'), settings);
  await mkdir(join(bare, 'hooks'));
  await writeFile(join(bare, 'hooks', 'pre-receive'), preReceive, { mode: 0o755 });

  const objects = openObjects(git, bare);
  const heads = new Map<string, string>();
  if (seed.folder !== undefined) {
    const commit = await commitFolder(git, bare, seed, mirror ? `${slug} ${seed.tag}` : 'Begin');
    await objects.moveRef('refs/heads/main', commit, undefined);
    heads.set('main', commit);
    if (seed.tag) await objects.moveRef(`refs/tags/${seed.tag}`, commit, undefined);
  }

  const repository: Repository = {
    id: world.nextId(),
    owner: world.account(owner, 'Organization'),
    name,
    private: seed.private ?? false,
    mirror,
    defaultBranch: 'main',
    createdAt: sower.date,
    pushedAt: now(),
    objects,
    protection: new Map(),
    issues: new Map(),
    deployments: [],
    statuses: [],
    checkRuns: [],
    runs: new Map(),
    attestations: [],
    workflowRuns: [],
    heads,
    // As on GitHub what a workflow's own token does starts no other, unless it asks for one by name.
    emit: event => {
      const isOwn = event.by.login === 'github-actions[bot]' && !event.name.endsWith('_dispatch');
      if (!isOwn) world.runner.current?.happened(repository, event);
    },
    settings: newSettings(),
  };
  world.repositories.set(slug.toLowerCase(), repository);
  return repository;
}

/** A commit of its own, with all of the folder. */
async function commitFolder(
  git: Git,
  bare: string,
  { folder = '.', mirror }: Seed & { mirror?: boolean },
  message: string,
): Promise<string> {
  const workTree = ['--work-tree', resolve(folder)];
  await git(bare, [...workTree, 'add', '--all', ...(mirror ? ['--force'] : []), '.']);
  const objects = openObjects(git, bare);
  return objects.writeCommit({
    tree: await objects.text(['write-tree']),
    parents: [],
    ...{ message, author: sower },
  });
}

// Nothing may go on in the background: it would outlive the request, and the sandbox. As on GitHub pull requests' refs
// cannot be pushed, any commit can be fetched, and clones can be partial.
const settings = `
[gc]
  auto = 0
[maintenance]
  auto = false
[receive]
  autogc = false
  hideRefs = refs/pull
[uploadpack]
  allowAnySHA1InWant = true
  allowFilter = true
[http]
  receivepack = true
`;

/** Git asks this before it takes a push; `sandbox.protected` lists what only pull requests may change. */
const preReceive = `#!/bin/sh
while read -r old new ref; do
  if git config --get-all sandbox.protected | grep -qxF "$ref"; then
    echo "error: GH006: Protected branch update failed for $ref." >&2
    echo "error: Changes must be made through a pull request." >&2
    exit 1
  fi
done
`;
