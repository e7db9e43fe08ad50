import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { type StandIn, standIn } from '../stand-in.ts';
import { commitChanges, headOf, moveBranch } from './branches.ts';
import { ApiError, notFound } from './errors.ts';
import { createGit, type Environment } from './git.ts';
import { graphql } from './graphql/endpoint.ts';
import { mergePull } from './merging.ts';
import { pages } from './pages.ts';
import type { Grants } from './permissions.ts';
import { protect } from './protection.ts';
import { findPull, openPull } from './pulls.ts';
import { actions } from './rest/actions.ts';
import { authorize, documentation } from './rest/api.ts';
import { attestations } from './rest/attestations.ts';
import { checks } from './rest/checks.ts';
import { commits } from './rest/commits.ts';
import { deployments } from './rest/deployments.ts';
import { environments } from './rest/environments.ts';
import { issues } from './rest/issues.ts';
import { objects } from './rest/objects.ts';
import { permissions } from './rest/permissions.ts';
import { pulls } from './rest/pulls.ts';
import { repositories } from './rest/repositories.ts';
import { rulesets } from './rest/rulesets.ts';
import { secrets } from './rest/secrets.ts';
import { workflows } from './rest/workflows.ts';
import { makeRepository, type Seed } from './seed.ts';
import { snapshot } from './snapshot.ts';
import { transport } from './transport.ts';
import type { Runner, WorkflowRun } from './workflow-runs.ts';
import {
  type Account,
  type Attestation,
  createWorld,
  now,
  person,
  type Repository,
  type Review,
  type World,
} from './world.ts';

export interface GitHub extends StandIn {
  /**
   * A new token that acts as this login: `github-actions[bot]` for what a workflow calls GITHUB_TOKEN, else a user.
   * @param allowed a job's `permissions:`; everything unless told
   */
  token(login: string, allowed?: Grants): string;
  /** Makes repositories from folders: `{ 'acme/platform': folder }`. What .gitignore names stays out. */
  seed(repositories: Record<string, string | Seed>): Promise<void>;
  /** Somebody else's repository at one of its tags, to be read only; once more, and it has one more tag. */
  mirror(slug: string, folder: string, tag: string): Promise<void>;
  /** From now on events start workflows. */
  runWorkflows(make: (world: World, complain: (sentence: string) => void) => Runner): void;
  /** A repository as people see it who do not go through the API. */
  repository(slug: string): People;
}

/** What a developer does in a browser or on a laptop. Everybody is `octocat` unless told. */
export interface People {
  /** The commit that a branch (main unless told) points to; undefined when there is no such branch. */
  head(branch?: string): Promise<string | undefined>;
  /** A file's text at a revision (main unless told); undefined when it is not there. */
  file(path: string, revision?: string): Promise<string | undefined>;
  /** Commits files (null removes one) to a branch, which is made from main if it is not there. Returns the commit. */
  commit(wish: {
    files: Record<string, string | null>;
    message: string;
    branch?: string;
    author?: string;
  }): Promise<string>;
  /** Opens a pull request and returns its number. */
  openPullRequest(wish: {
    head: string;
    title: string;
    base?: string;
    body?: string;
    author?: string;
  }): Promise<number>;
  /** Merges a pull request and returns the commit that main points to then. */
  merge(number: number, wish?: { method?: 'merge' | 'squash' | 'rebase'; by?: string }): Promise<string>;
  /** Starts a workflow of the default branch by hand, as with its button. When this resolves the run is there. */
  dispatchWorkflow(file: string, inputs?: Record<string, unknown>, by?: string): Promise<void>;
  /** Sends a `repository_dispatch`. */
  dispatch(type: string, payload: Record<string, unknown>, by?: string): void;
  /** The clock has come to a schedule of this workflow. */
  schedule(file: string): void;
  /** What workflows have run and run, the latest last. */
  workflowRuns(): readonly WorkflowRun[];
  /** A run of `.github/workflows/NAME.yml` has come to an environment that asks its reviewers. */
  awaitReview(name: string): void;
  /** A run of a workflow, with what people have said to it where it waited for environments. */
  run(id: number, reviews: (Omit<Review, 'user' | 'comment'> & { user: string; comment?: string })[]): void;
  /** Stores an attestation, as a workflow does with `actions/attest-build-provenance`. */
  attest(attestation: Attestation): void;
  /** From now on reading needs a token too, or does not any more. */
  setPrivate(wanted: boolean): void;
  /** From now on these logins see and change the repository's settings. */
  administer(...logins: string[]): void;
  /** The value of an environment's secret, as a job in it would read it. */
  secret(environment: string, name: string): string | undefined;
  /** From now on a branch changes through pull requests only; `checks` must have passed before a merge. */
  protect(branch: string, wish?: { checks?: string[] }): Promise<void>;
}

// A sandbox reaches it by GitHub's names, through the gateway; whoever comes directly gets both.
const direct = '(127\\.0\\.0\\.1|localhost):\\d+';
const hosts = {
  api: new RegExp(`^(api\\.github\\.com|${direct})$`),
  web: new RegExp(`^(github\\.com|${direct})$`),
};

/**
 * Plays GitHub over real bare repositories: REST, GraphQL, and git over HTTP.
 * @param run whose folder takes the repositories, and whose environment git runs in
 */
export async function github(run: { folder: string; environment(): Environment }): Promise<GitHub> {
  const root = join(run.folder, 'github');
  await mkdir(root, { recursive: true });
  const environment = run.environment();
  const git = createGit(environment);
  const world = createWorld();

  const server = await standIn({
    name: 'github',
    refusal: (status, message) => ({ message, documentation_url: documentation, status: String(status) }),
    async routes(app, complain) {
      await app.register(async scope => {
        onHost(scope, hosts.web);
        transport(scope, world, environment, complain);
        pages(scope, world);
      });
      await app.register(async scope => {
        onHost(scope, hosts.api);
        const api = { app: scope, world, git };
        authorize(api, complain);
        for (const group of [
          repositories,
          objects,
          commits,
          issues,
          pulls,
          deployments,
          checks,
          actions,
          workflows,
          attestations,
          permissions,
          environments,
          secrets,
          rulesets,
        ])
          group(api);
        graphql(api, complain);
      });
    },
    state: () => snapshot(world),
  });

  return {
    ...server,
    token: world.token,
    async seed(wanted) {
      for (const [slug, seed] of Object.entries(wanted)) {
        await makeRepository(world, git, root, slug, typeof seed === 'string' ? { folder: seed } : seed);
      }
    },
    async mirror(slug, folder, tag) {
      await makeRepository(world, git, root, slug, { folder, tag, mirror: true });
    },
    runWorkflows(make) {
      world.runner.current = make(world, sentence => server.complaints.push(sentence));
    },
    repository(slug) {
      const repository = world.find(slug);
      if (!repository) throw new Error(`There is no repository ${slug} in the sandbox: seed it first`);
      return people(repository, (login = 'octocat') => world.account(login));
    },
  };

  function people(repository: Repository, account: (login?: string) => Account): People {
    const pull = (number: number) => {
      const found = findPull(repository, number);
      if (!found) throw notFound();
      return found;
    };
    return {
      head: (branch = 'main') => headOf(repository, branch),
      async file(path, revision = 'main') {
        const sha = await repository.objects.resolve(`${revision}:${path}`);
        return sha && (await repository.objects.blobs([sha])).get(sha)?.toString('utf8');
      },
      async commit({ files, message, branch = 'main', author }) {
        const head = await headOf(repository, branch);
        const parent = head ?? (await headOf(repository, repository.defaultBranch));
        if (!parent) throw new Error('The repository has no commit yet');
        const changes = Object.entries(files).map(([path, text]) => ({
          path,
          ...(text !== null && { content: Buffer.from(text) }),
        }));
        const sha = await commitChanges(repository, parent, changes, {
          message,
          author: person(account(author)),
        });
        if (await moveBranch(repository, branch, sha, head, account(author))) return sha;
        throw new ApiError(409, `${branch} has moved meanwhile`);
      },
      async openPullRequest({ base = 'main', author, ...wish }) {
        return (await openPull(world, repository, account(author), { ...wish, base })).number;
      },
      merge: (number, { method = 'merge', by } = {}) =>
        mergePull(repository, pull(number), account(by), { method }),
      async dispatchWorkflow(file, inputs = {}, by) {
        const { current } = world.runner;
        if (!current) throw new Error('Nothing runs workflows here');
        const ref = repository.defaultBranch;
        await current.dispatch(repository, { file, ref, inputs, by: account(by) });
      },
      dispatch: (type, payload, by) =>
        repository.emit({ name: 'repository_dispatch', type, payload, by: account(by) }),
      // Whoever last changed the schedule is its runs' actor.
      schedule: file => repository.emit({ name: 'schedule', file, by: account() }),
      workflowRuns: () => repository.workflowRuns,
      awaitReview(name) {
        const path = `.github/workflows/${name}.yml`;
        const number = repository.workflowRuns.filter(each => each.path === path).length + 1;
        repository.workflowRuns.push({
          ...{ id: world.nextId(), number, name, path, event: 'push', title: name, branch: 'main' },
          ...{ status: 'waiting', conclusion: null, createdAt: now(), startedAt: now(), completedAt: null },
          ...{ sha: '0'.repeat(40), actor: account(), jobs: [], pending: [], artifacts: [] },
        });
      },
      run: (id, reviews) =>
        void repository.runs.set(
          id,
          reviews.map(({ user, comment = '', ...each }) => ({ ...each, comment, user: account(user) })),
        ),
      attest: attestation => void repository.attestations.push(attestation),
      setPrivate(wanted) {
        repository.private = wanted;
      },
      administer(...logins) {
        for (const login of logins) repository.settings.admins.add(account(login).login);
      },
      secret: (environment, name) =>
        repository.settings.environments.get(environment.toLowerCase())?.secrets.get(name)?.value,
      protect: (branch, { checks: required = [] } = {}) =>
        protect(git, repository, branch, { pullRequests: true, checks: required, admins: true }),
    };
  }
}

function onHost(scope: FastifyInstance, host: RegExp): void {
  scope.addHook('onRoute', route => {
    route.constraints = { ...route.constraints, host };
  });
}
