import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getOctokit } from '@actions/github';
import sodium from 'libsodium-wrappers';
import { openRun } from '../run.ts';
import { github } from './index.ts';
import type { Grants } from './permissions.ts';

/** Stores a secret as `gh secret set` does: sealed for the key of its environment, which is made when it is not there. */
export async function storeSecret(
  { rest }: ReturnType<typeof getOctokit>,
  environment: { owner: string; repo: string; environment_name: string },
  secret_name: string,
  value: string,
): Promise<void> {
  await sodium.ready;
  const { ORIGINAL } = sodium.base64_variants;
  await rest.repos.getEnvironment(environment).catch(() => rest.repos.createOrUpdateEnvironment(environment));
  const { data } = await rest.actions.getEnvironmentPublicKey(environment);
  const box = sodium.crypto_box_seal(value, sodium.from_base64(data.key, ORIGINAL));
  await rest.actions.createOrUpdateEnvironmentSecret({
    ...{ ...environment, secret_name, key_id: data.key_id },
    encrypted_value: sodium.to_base64(box, ORIGINAL),
  });
}

export type TestHub = Awaited<ReturnType<typeof testHub>>;

/**
 * A GitHub for the tests of one file.
 * @param files what every repository of a test begins with
 */
export async function testHub(files: Record<string, string | Buffer> = { file: '' }) {
  const run = openRun();
  const folder = join(run.folder, 'seed');
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const server = await github(run);

  const taken = new Set<string>();

  /** A repository of its own for each test, and for each time that it is tried, seen by a workflow's token. */
  async function seeded(wanted: string) {
    let name = wanted;
    while (taken.has(name)) name += '-again';
    taken.add(name);
    await server.seed({ [`acme/${name}`]: folder });
    const as = (login: string, allowed?: Grants) =>
      getOctokit(server.token(login, allowed), { baseUrl: server.url });
    const place = { owner: 'acme', repo: name };
    return {
      ...{ place, as, slug: `acme/${name}`, people: server.repository(`acme/${name}`) },
      octokit: as('github-actions[bot]'),
    };
  }

  return {
    run,
    server,
    seeded,

    /** The same with an open pull request from the branch `topic`, and its comments. */
    async withPull(name: string) {
      const all = await seeded(name);
      const push = (text: string) =>
        all.people.commit({ branch: 'topic', files: { new: text }, message: text });
      const head = await push('x');
      const issue_number = await all.people.openPullRequest({ head: 'topic', title: 'New' });
      const list = async () => {
        const issue = { ...all.place, issue_number, per_page: 100 };
        return (await all.octokit.paginate(all.octokit.rest.issues.listComments, issue)).map(
          ({ id, body = '', user }) => ({ id, body, login: user?.login }),
        );
      };
      return { ...all, issue_number, head, push, list };
    },

    /** What was asked to change something, since the n-th request. */
    writes: (from: number) =>
      server.requests
        .slice(from)
        .filter(({ method, body }) => method !== 'GET' && !/^\{"query":"query/.test(body)),

    async [Symbol.asyncDispose](): Promise<void> {
      await server.close();
      await run.close();
    },
  };
}
