import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository as place, type Repository } from '../../github/repository.ts';
import { readManifests } from '../../platform/manifest.ts';
import { repositorySlug } from '../../platform/platform.ts';
import type { Runner } from '../../runner/runner.ts';
import { ask, orAbsent } from '../github/ask.ts';
import { type Reading, reading } from '../row.ts';
import type { Wish } from '../wish.ts';

export interface ServiceWorld {
  name: string;
  slug: string;
  /** Undefined when the token sees no such repository. */
  repository: Reading<{ isPrivate: boolean } | undefined>;
  pins: Pin[];
}

export interface Pin {
  environments: string[];
  revision: string;
  path: string;
  /** Whether the folder is there at the revision. */
  isThere: Reading<boolean>;
}

/** @param manifests the folder with the pins; one that is not there is `npm run check`'s to tell */
export async function observeServices(
  runner: Runner,
  { platform }: Wish,
  token: string | undefined,
  manifests: string,
): Promise<ServiceWorld[]> {
  const octokit = token === undefined ? undefined : await runner.octokit(token);
  return Promise.all(
    Object.entries(platform.services).map(async ([name, service]): Promise<ServiceWorld> => {
      const slug = repositorySlug(service.repository);
      if (!octokit) return { name, slug, repository: { unreadable: 'GITHUB_TOKEN is not set' }, pins: [] };
      const target = place(octokit, slug);
      const repository = await reading(() => seen(target));
      const isSeen = 'value' in repository && repository.value;
      const pins = isSeen
        ? await pinsOf(name, service.path ?? 'deploy', Object.keys(platform.environments))
        : [];
      const looked = pins.map(async pin => ({ ...pin, isThere: await reading(() => isFolder(target, pin)) }));
      return { name, slug, repository, pins: await Promise.all(looked) };
    }),
  );

  /** One entry a revision: environments that hold the same one are asked for together. */
  async function pinsOf(name: string, path: string, environments: readonly string[]) {
    const revisions = new Map<string, string[]>();
    for (const environment of environments) {
      const file = join(manifests, 'environments', environment, `${name}.yaml`);
      const text = await readFile(file, 'utf8').catch(() => undefined);
      if (text === undefined) continue;
      const revision = readManifests(text, file)[0]?.value('spec', 'source', 'targetRevision');
      if (typeof revision !== 'string') continue;
      revisions.set(revision, [...(revisions.get(revision) ?? []), environment]);
    }
    return [...revisions].map(([revision, all]) => ({ environments: all, revision, path }));
  }
}

async function seen({ octokit, owner, repo }: Repository) {
  const data = await orAbsent(
    ask('read the repository', request => octokit.rest.repos.get({ owner, repo, request })),
  );
  return data && { isPrivate: data.private };
}

async function isFolder({ octokit, owner, repo }: Repository, pin: { path: string; revision: string }) {
  const { path, revision: ref } = pin;
  const data = await orAbsent(
    ask(`read ${path} at ${ref}`, request =>
      octokit.rest.repos.getContent({ owner, repo, path, ref, request }),
    ),
  );
  return Array.isArray(data);
}
