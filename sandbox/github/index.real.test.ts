import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { getOctokit } from '@actions/github';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRun } from '../run.ts';
import { type GitHub, github } from './index.ts';

const run = openRun();
const seed = join(run.folder, 'seed');
const owner = 'acme';
let server: GitHub;
let octocat: string;

beforeAll(async () => {
  await mkdir(join(seed, 'pins'), { recursive: true });
  await writeFile(join(seed, 'pins', 'ui.yaml'), '\uFEFFimage: ui:v1\r\n');
  await writeFile(join(seed, '.gitignore'), 'ignored\n');
  await writeFile(join(seed, 'ignored'), 'stays out');
  await writeFile(join(seed, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  server = await github(run);
  octocat = server.token('octocat');
});
afterAll(async () => {
  await server.close();
  await run.close();
});

/** A repository of its own for each test. */
async function seeded(repo: string) {
  await server.seed({ [`${owner}/${repo}`]: seed });
  const as = (token: string) => getOctokit(token, { baseUrl: server.url });
  return { owner, repo, as, user: as(octocat), people: server.repository(`${owner}/${repo}`) };
}

async function git(cwd: string, ...args: string[]): Promise<string> {
  const signer = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com'];
  const env = run.environment({ GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' });
  return (await promisify(execFile)('git', [...signer, ...args], { cwd, env })).stdout.trim();
}

const withToken = (repo: string) =>
  server.url.replace('://', `://x-access-token:${octocat}@`).concat(`/acme/${repo}`);

/** What is loud here, and would be silent at GitHub. */
function complaints(work: () => unknown) {
  return async () => {
    const before = server.complaints.length;
    await work();
    return server.complaints.slice(before);
  };
}

test('the same folder is always the same commit, without what is ignored', async () => {
  const [one, other] = [await seeded('same'), await seeded('again')];
  expect(await one.people.head()).toBe(await other.people.head());
  const { data } = await one.user.rest.git.getTree({
    owner,
    repo: 'same',
    tree_sha: 'main',
    recursive: 'true',
  });
  expect(data.tree.map(({ path, mode }) => `${mode} ${path}`)).toEqual([
    '100644 .gitignore',
    '040000 pins',
    '100644 pins/ui.yaml',
    '100755 run.sh',
  ]);
});

test('git clones, fetches and pushes, also a pack of many megabytes; pull requests follow', async () => {
  const { people, user, repo } = await seeded('git');
  const clone = join(run.folder, 'clone');
  await git(run.folder, 'clone', '--quiet', `${server.url}/acme/git.git`, clone);
  expect(await readFile(join(clone, 'pins', 'ui.yaml'), 'utf8')).toBe('\uFEFFimage: ui:v1\r\n');

  await git(clone, 'checkout', '--quiet', '-b', 'topic');
  const noise = randomBytes(12_000_000);
  await writeFile(join(clone, 'noise'), noise);
  await git(clone, 'add', '--all');
  await git(clone, 'commit', '--quiet', '--message', 'Noise');
  await expect(git(clone, 'push', '--quiet', 'origin', 'topic')).rejects.toThrow(/could not read Username/);
  await git(clone, 'push', '--quiet', withToken(repo), 'topic');
  expect(await people.head('topic')).toBe(await git(clone, 'rev-parse', 'HEAD'));

  const number = await people.openPullRequest({ head: 'topic', title: 'Noise' });
  await git(clone, 'commit', '--quiet', '--allow-empty', '--message', 'More');
  await git(clone, 'push', '--quiet', withToken(repo), 'topic');
  const { data: pull } = await user.rest.pulls.get({ owner, repo, pull_number: number });
  expect(pull).toMatchObject({ state: 'open', commits: 2, changed_files: 1, mergeable: true });
  expect(pull.head.sha).toBe(await git(clone, 'rev-parse', 'HEAD'));
  expect(await git(clone, 'ls-remote', 'origin', `refs/pull/${number}/head`)).toContain(pull.head.sha);
  await expect(git(clone, 'push', withToken(repo), `topic:refs/pull/${number}/head`)).rejects.toThrow(
    /hidden ref/,
  );

  await git(clone, 'push', '--quiet', withToken(repo), 'topic:main');
  const { data: merged } = await user.rest.pulls.get({ owner, repo, pull_number: number });
  expect(merged).toMatchObject({ state: 'closed', merged: true });

  const second = join(run.folder, 'second');
  await git(
    run.folder,
    'clone',
    '--quiet',
    '--depth=1',
    '--filter=blob:none',
    `${server.url}/acme/git`,
    second,
  );
  expect((await readFile(join(second, 'noise'))).equals(noise)).toBe(true);
});

test('a protected branch takes pull requests only, whose checks have passed', async () => {
  const { people, user, repo, as } = await seeded('protected');
  const app = as(server.token('github-actions[bot]'));
  await people.protect('main', { checks: ['plan'] });
  const clone = join(run.folder, 'protected');
  await git(run.folder, 'clone', '--quiet', `${server.url}/acme/protected`, clone);
  await git(clone, 'commit', '--quiet', '--allow-empty', '--message', 'Direct');
  await expect(git(clone, 'push', withToken(repo), 'main')).rejects.toThrow(
    /GH006: Protected branch update failed/,
  );
  const head = (await people.head()) ?? '';
  await expect(commitOnBranch(user, repo, head, [])).rejects.toMatchObject({
    errors: [{ type: 'UNPROCESSABLE', message: expect.stringMatching(/^Repository rule violations found/) }],
  });

  await people.commit({ branch: 'topic', files: { 'run.sh': null }, message: 'Remove' });
  const number = await people.openPullRequest({ head: 'topic', title: 'Remove' });
  await expect(people.merge(number)).rejects.toThrow(/Required status check "plan" is expected/);
  const sha = (await people.head('topic')) ?? '';
  await app.rest.checks.create({ owner, repo, name: 'plan', head_sha: sha, conclusion: 'success' });
  await user.rest.pulls.merge({ owner, repo, pull_number: number, merge_method: 'squash', sha });
  const { data } = await user.rest.repos.getCommit({ owner, repo, ref: 'main' });
  expect(data.commit.message).toBe('Remove (#1)');
  expect(data.parents).toHaveLength(1);
  expect(await people.file('run.sh')).toBeUndefined();
});

test('of several commits at once on the same head exactly one lands', async () => {
  const { people, user, repo } = await seeded('race');
  const head = (await people.head()) ?? '';
  const file = (name: string) => [{ path: name, contents: Buffer.from(name).toString('base64') }];
  const outcomes = await Promise.allSettled(
    ['a', 'b', 'c', 'run.sh'].map(name => commitOnBranch(user, repo, head, file(name))),
  );
  const refused = outcomes.flatMap(outcome =>
    outcome.status === 'rejected' ? [outcome.reason.errors[0]] : [],
  );
  expect(refused).toHaveLength(3);
  for (const error of refused) {
    expect(error).toMatchObject({
      type: 'STALE_DATA',
      path: ['createCommitOnBranch'],
      message: `Expected branch to point to "${head}" but it did not. Pull and try again.`,
    });
  }
  const { data } = await user.rest.repos.compareCommitsWithBasehead({
    owner,
    repo,
    basehead: `${head}...main`,
  });
  expect(data).toMatchObject({ status: 'ahead', ahead_by: 1, files: [{}] });
});

test('an executable file stays executable, a new one is not, a missing one cannot be deleted', async () => {
  const { people, user, repo } = await seeded('modes');
  const contents = Buffer.from('new').toString('base64');
  const additions = [
    { path: 'run.sh', contents },
    { path: 'deep/er.sh', contents },
  ];
  const { createCommitOnBranch } = await commitOnBranch(user, repo, (await people.head()) ?? '', additions);
  expect(createCommitOnBranch.commit.oid).toBe(await people.head());
  const { data } = await user.rest.git.getTree({ owner, repo, tree_sha: 'main', recursive: '1' });
  const mode = (path: string) => data.tree.find(each => each.path === path)?.mode;
  expect([mode('run.sh'), mode('deep/er.sh')]).toEqual(['100755', '100644']);
  await expect(
    commitOnBranch(user, repo, (await people.head()) ?? '', [], [{ path: 'nowhere' }]),
  ).rejects.toMatchObject({
    errors: [{ message: expect.stringMatching(/^A path was requested for deletion/) }],
  });
});

test('GraphQL reads a folder at a commit, byte for byte', async () => {
  const { user, repo } = await seeded('read');
  const answer = await user.graphql(
    `query($owner: String!, $repo: String!) {
      repository(owner: $owner, name: $repo) {
        defaultBranchRef { name target { oid ... on Commit { file(path: "pins") { object { ... on Tree {
          entries { name mode object { ... on Blob { text isTruncated byteSize } } }
        } } } } } }
      }
    }`,
    { owner, repo },
  );
  expect(answer).toMatchObject({
    repository: {
      defaultBranchRef: {
        name: 'main',
        target: {
          file: {
            object: {
              entries: [{ name: 'ui.yaml', mode: 0o100644, object: { text: '\uFEFFimage: ui:v1\r\n' } }],
            },
          },
        },
      },
    },
  });
});

test('comments: paged, limited, with their history and their author', async () => {
  const { people, user, repo, as } = await seeded('comments');
  const bot = as(server.token('github-actions[bot]'));
  await people.commit({ branch: 'topic', files: { new: '1' }, message: 'New' });
  const issue_number = await people.openPullRequest({ head: 'topic', title: 'New' });
  const said = Array.from({ length: 65 }, (_, index) => `comment ${index}`);
  for (const body of said) await user.rest.issues.createComment({ owner, repo, issue_number, body });
  const list = { owner, repo, issue_number, per_page: 30 };
  const pages = await user.paginate(user.rest.issues.listComments, list);
  expect(pages.map(({ body }) => body)).toEqual(said);
  const { headers } = await user.rest.issues.listComments({ ...list, page: 2 });
  expect(headers.link?.match(/rel="\w+"/g)).toEqual([
    'rel="prev"',
    'rel="next"',
    'rel="last"',
    'rel="first"',
  ]);

  const long = 'é'.repeat(65_536);
  const { data: own } = await bot.rest.issues.createComment({ owner, repo, issue_number, body: long });
  await expect(
    bot.rest.issues.createComment({ owner, repo, issue_number, body: `${long}!` }),
  ).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining('body is too long (maximum is 65536 characters)'),
  });
  await bot.rest.issues.updateComment({ owner, repo, comment_id: own.id, body: 'short' });
  const answer = await bot.graphql(
    `query($owner: String!, $repo: String!) {
      viewer { login }
      repository(owner: $owner, name: $repo) { pullRequest(number: 1) { comments(last: 1) { nodes {
        viewerDidAuthor author { login __typename } databaseId fullDatabaseId body
        userContentEdits(first: 5) { nodes { diff } }
      } } } }
    }`,
    { owner, repo },
  );
  expect(own.user?.login).toBe('github-actions[bot]');
  expect(answer).toMatchObject({
    viewer: { login: 'github-actions[bot]' },
    repository: {
      pullRequest: {
        comments: {
          nodes: [
            {
              viewerDidAuthor: true,
              author: { login: 'github-actions', __typename: 'Bot' },
              databaseId: null,
              fullDatabaseId: String(own.id),
              body: 'short',
              userContentEdits: { nodes: [{ diff: 'short' }, { diff: long }] },
            },
          ],
        },
      },
    },
  });
  await bot.rest.issues.deleteComment({ owner, repo, comment_id: own.id });
  await expect(bot.rest.issues.getComment({ owner, repo, comment_id: own.id })).rejects.toMatchObject({
    status: 404,
  });
});

test('a branch by way of blobs, trees, commits and refs, and a pull request that conflicts', async () => {
  const { people, user, repo } = await seeded('plumbing');
  const base = (await people.head()) ?? '';
  const { data: blob } = await user.rest.git.createBlob({ owner, repo, content: 'theirs\n' });
  const entry = { path: 'pins/ui.yaml', mode: '100644', type: 'blob', sha: blob.sha } as const;
  const { data: tree } = await user.rest.git.createTree({ owner, repo, base_tree: base, tree: [entry] });
  const { data: commit } = await user.rest.git.createCommit({
    ...{ owner, repo, message: 'Theirs', tree: tree.sha, parents: [base] },
  });
  await user.rest.git.createRef({ owner, repo, ref: 'refs/heads/promote/x', sha: commit.sha });
  const again = user.rest.git.createRef({ owner, repo, ref: 'refs/heads/promote/x', sha: commit.sha });
  await expect(again).rejects.toThrow(/Reference already exists/);
  const { data: branch } = await user.rest.repos.getBranch({ owner, repo, branch: 'promote/x' });
  expect(branch.commit.commit.message).toBe('Theirs');

  const wish = { owner, repo, title: 'X', head: 'promote/x', base: 'main' };
  const { data: pull } = await user.rest.pulls.create(wish);
  await expect(user.rest.pulls.create(wish)).rejects.toThrow(
    /A pull request already exists for acme:promote\/x/,
  );
  expect((await user.rest.pulls.list({ owner, repo, head: 'acme:promote/x' })).data).toHaveLength(1);
  await people.commit({ files: { 'pins/ui.yaml': 'ours\n' }, message: 'Ours' });
  const { data: conflicting } = await user.rest.pulls.get({ owner, repo, pull_number: pull.number });
  expect(conflicting).toMatchObject({ mergeable: false, mergeable_state: 'dirty' });
  await expect(user.rest.pulls.merge({ owner, repo, pull_number: pull.number })).rejects.toMatchObject({
    status: 405,
  });
  await expect(user.rest.repos.merge({ owner, repo, base: 'promote/x', head: 'main' })).rejects.toMatchObject(
    {
      status: 409,
    },
  );
  await user.rest.git.deleteRef({ owner, repo, ref: 'heads/promote/x' });
  expect((await user.rest.pulls.get({ owner, repo, pull_number: pull.number })).data.state).toBe('closed');
});

test('issues: a reason for each change of state, and lists in the order that is asked for', async () => {
  const { user, repo } = await seeded('issues');
  for (const title of ['one', 'two']) await user.rest.issues.create({ owner, repo, title });
  const change = async (wish: object) =>
    (await user.rest.issues.update({ owner, repo, issue_number: 1, ...wish })).data;
  expect(await change({ state: 'closed' })).toMatchObject({ state: 'closed', state_reason: 'completed' });
  expect(await change({ state: 'closed', state_reason: 'not_planned' })).toMatchObject({
    state_reason: 'completed',
  });
  expect(await change({ state: 'open' })).toMatchObject({ state_reason: 'reopened', closed_at: null });
  expect(await change({ state: 'closed', state_reason: 'not_planned' })).toMatchObject({
    state_reason: 'not_planned',
  });
  const list = (wish: object) => user.rest.issues.listForRepo({ owner, repo, state: 'all', ...wish });
  expect((await list({})).data.map(({ number }) => number)).toEqual([2, 1]);
  expect((await list({ direction: 'asc' })).data.map(({ number }) => number)).toEqual([1, 2]);
  const ask = (order: string) =>
    user.graphql(`{ repository(owner: "acme", name: "issues") {
      issues(first: 5, states: [OPEN, CLOSED], ${order}) { nodes { number state stateReason viewerDidAuthor } }
    } }`);
  expect(await ask('orderBy: { field: CREATED_AT, direction: ASC }')).toEqual({
    repository: {
      issues: {
        nodes: [
          { number: 1, state: 'CLOSED', stateReason: 'NOT_PLANNED', viewerDidAuthor: true },
          { number: 2, state: 'OPEN', stateReason: null, viewerDidAuthor: true },
        ],
      },
    },
  });
  for (const unknown of [
    'orderBy: { field: COMMENTS, direction: ASC }',
    'filterBy: { createdBy: "octocat" }',
  ])
    await expect(ask(unknown)).rejects.toThrow(/not part of this stand-in/);
  const malformed = change({ state_reason: 'because' });
  expect(await complaints(() => expect(malformed).rejects.toMatchObject({ status: 422 }))()).toHaveLength(1);
});

test('a rebase makes the commits anew, and each commit knows its pull request', async () => {
  const { people, user, repo, as } = await seeded('rebase');
  const listed = async (sha: string) =>
    (await user.rest.repos.listPullRequestsAssociatedWithCommit({ owner, repo, commit_sha: sha })).data.map(
      ({ number, merge_commit_sha, state }) => ({ number, merge_commit_sha, state }),
    );
  for (const name of ['one', 'two'])
    await people.commit({ branch: 'topic', files: { [name]: name }, message: `Add ${name}`, author: 'ann' });
  const number = await people.openPullRequest({ head: 'topic', title: 'Two' });
  await people.commit({ files: { meanwhile: '1' }, message: 'Meanwhile' });
  const topic = (await people.head('topic')) ?? '';
  expect(await listed(topic)).toMatchObject([{ number, state: 'open' }]);

  const { data } = await as(octocat).rest.pulls.merge({
    owner,
    repo,
    pull_number: number,
    merge_method: 'rebase',
  });
  const { data: log } = await user.rest.repos.listCommits({ owner, repo });
  expect(log.slice(0, 3).map(({ commit }) => `${commit.author?.name}: ${commit.message}`)).toEqual([
    'ann: Add two',
    'ann: Add one',
    'octocat: Meanwhile',
  ]);
  expect(log[0]?.sha).toBe(data.sha);
  expect(log[0]?.parents).toHaveLength(1);
  const merged = [{ number, merge_commit_sha: data.sha, state: 'closed' }];
  expect(await listed(data.sha)).toEqual(merged);
  expect(await listed(log[1]?.sha ?? '')).toEqual(merged);
  expect(await listed(log[2]?.sha ?? '')).toEqual([]);
  await expect(listed('f'.repeat(40))).rejects.toMatchObject({ status: 422 });
});

test('deployments: a success retires the one before', async () => {
  const { user, repo } = await seeded('deployments');
  const ids = [];
  for (const _ of [1, 2]) {
    const { data } = await user.rest.repos.createDeployment({
      ...{ owner, repo, ref: 'main', environment: 'staging', auto_merge: false, required_contexts: [] },
    });
    if (!('id' in data)) throw new Error('merged instead');
    ids.push(data.id);
    const status = { owner, repo, deployment_id: data.id, state: 'success' } as const;
    await user.rest.repos.createDeploymentStatus(status);
  }
  const { data } = await user.rest.repos.listDeploymentStatuses({ owner, repo, deployment_id: ids[0] ?? 0 });
  expect(data.map(({ state }) => state)).toEqual(['inactive', 'success']);
});

test('a mirror has its tags, and takes nothing', async () => {
  await server.mirror('argoproj/argo-cd', seed, 'v3.2.1');
  const clone = join(run.folder, 'mirror');
  await git(
    run.folder,
    'clone',
    '--quiet',
    '--branch=v3.2.1',
    '--depth=1',
    `${server.url}/argoproj/argo-cd`,
    clone,
  );
  expect(await readFile(join(clone, 'ignored'), 'utf8')).toBe('stays out');
  await server.mirror('argoproj/argo-cd', join(seed, 'pins'), 'v3.1.0');
  const refs = await git(run.folder, 'ls-remote', '--tags', `${server.url}/argoproj/argo-cd`);
  expect(refs).toMatch(/^(\w+)\trefs\/tags\/v3\.1\.0\n(?!\1)\w+\trefs\/tags\/v3\.2\.1$/);
  const url = withToken('x').replace('acme/x', 'argoproj/argo-cd');
  await expect(git(clone, 'push', url, 'HEAD:refs/heads/mine')).rejects.toThrow(/403/);
});

test('each of the two hosts has its own, and git needs a token for what is private', async () => {
  await server.seed({ 'acme/secret': { folder: seed, private: true } });
  const at = (host: string, path: string, token?: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { host, ...(token && { authorization: `Bearer ${token}` }) };
      get(server.url + path, { headers }, answer => resolve(answer.resume().statusCode)).on('error', reject);
    });
  const refs = '/acme/secret/info/refs?service=git-upload-pack';
  expect(await at('github.com', refs)).toBe(401);
  expect(await at('github.com', refs, octocat)).toBe(200);
  server.repository('acme/secret').setPrivate(false);
  expect(await at('github.com', refs)).toBe(200);
  expect(await at('api.github.com', '/repos/acme/secret', octocat)).toBe(200);
  const astray = complaints(async () => {
    expect(await at('github.com', '/repos/acme/secret', octocat)).toBe(501);
    expect(await at('api.github.com', refs, octocat)).toBe(501);
  });
  expect(await astray()).toHaveLength(2);
});

test('whatever GitHub would not understand is refused aloud', async () => {
  const { user, repo } = await seeded('strict');
  const bot = getOctokit(server.token('github-actions[bot]'), { baseUrl: server.url });
  await expect(bot.rest.users.getAuthenticated()).rejects.toThrow(/Resource not accessible by integration/);
  const stranger = getOctokit('ghp_unknown', { baseUrl: server.url });
  await expect(stranger.rest.repos.get({ owner, repo })).rejects.toThrow(/Bad credentials/);
  await expect(user.rest.repos.get({ owner, repo: 'nowhere' })).rejects.toMatchObject({ status: 404 });

  const anonymous = complaints(() => fetch(`${server.url}/repos/acme/strict`));
  expect(await anonymous()).toEqual(['github: GET /repos/acme/strict came without a token']);
  const unknown = complaints(() => user.request('GET /repos/acme/strict/nonsense').catch(() => {}));
  expect(await unknown()).toEqual(['github: GET /repos/acme/strict/nonsense is not a path of this API']);
  const malformed = user.request('POST /repos/acme/strict/issues', { titel: 'x' });
  expect(await complaints(() => expect(malformed).rejects.toMatchObject({ status: 422 }))()).toHaveLength(1);
  const misspelt = user.graphql('{ viewer { logan } }');
  expect(
    await complaints(() => expect(misspelt).rejects.toThrow(/Cannot query field "logan"/))(),
  ).toHaveLength(1);
  const unbound = user.graphql(
    '{ repository(owner: "acme", name: "strict") { pullRequests { nodes { number } } } }',
  );
  await expect(unbound).rejects.toThrow(/You must provide a `first` or `last` value/);
});

test('reviews of a run and attestations of a digest are there for those who ask as documented', async () => {
  const { repo, user, people } = await seeded('reviewed');
  people.run(7, []);
  const ask = (run_id: number) => user.rest.actions.getReviewsForRun({ owner, repo, run_id });
  expect((await ask(7)).data).toEqual([]);
  people.run(7, [{ state: 'approved', environments: ['production'], user: 'hubot', comment: 'Ship it!' }]);
  expect((await ask(7)).data).toMatchObject([
    {
      ...{ state: 'approved', comment: 'Ship it!', user: { login: 'hubot' } },
      environments: [
        { name: 'production', url: 'https://api.github.com/repos/acme/reviewed/environments/production' },
      ],
    },
  ]);
  await expect(ask(8)).rejects.toMatchObject({ status: 404 });

  const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
  const list = (subject_digest: string, predicate_type?: string) =>
    user.rest.repos.listAttestations({
      owner,
      repo,
      subject_digest,
      ...(predicate_type && { predicate_type }),
    });
  await expect(list(digest('1'))).rejects.toMatchObject({ status: 404 });
  const bundle = { mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json' };
  people.attest({ digest: digest('1'), predicateType: 'https://slsa.dev/provenance/v1', bundle });
  people.attest({ digest: digest('1'), predicateType: 'https://spdx.dev/Document/v2.3', bundle });
  expect((await list(digest('1'))).data.attestations).toHaveLength(2);
  expect((await list(digest('1'), 'provenance')).data.attestations).toMatchObject([{ bundle }]);
  await expect(list(digest('2'))).rejects.toMatchObject({ status: 404 });
  await expect(list('sha256:1')).rejects.toMatchObject({ status: 422 });
});

const mutation = `mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}`;

function commitOnBranch(
  octokit: ReturnType<typeof getOctokit>,
  repo: string,
  expectedHeadOid: string,
  additions: { path: string; contents: string }[],
  deletions: { path: string }[] = [],
): Promise<{ createCommitOnBranch: { commit: { oid: string } } }> {
  return octokit.graphql(mutation, {
    input: {
      branch: { repositoryNameWithOwner: `acme/${repo}`, branchName: 'main' },
      message: { headline: 'Change' },
      expectedHeadOid,
      fileChanges: { additions, deletions },
    },
  });
}
