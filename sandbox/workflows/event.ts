import { headOf } from '../github/branches.ts';
import { findPull } from '../github/pulls.ts';
import { user } from '../github/shapes/accounts.ts';
import { pullShape } from '../github/shapes/issues.ts';
import { repositoryShape } from '../github/shapes/repositories.ts';
import type { RepositoryEvent } from '../github/workflow-runs.ts';
import { type Repository, webFlow } from '../github/world.ts';
import type { Trigger } from './triggers.ts';

/** An event as a workflow sees it. */
export interface Event {
  trigger: Trigger;
  /** `refs/heads/main`, `refs/pull/1/merge` */
  ref: string;
  /** The branch that the run is listed under. */
  branch: string;
  /** The commit that is checked out, and whose workflows are run. */
  sha: string;
  /** The commit that the run is shown at. */
  headSha: string;
  title: string;
  payload: Record<string, unknown>;
  by: RepositoryEvent['by'];
}

/** @returns undefined for one that can start nothing: a pull request with conflicts, a branch that is gone again */
export async function eventOf(repository: Repository, event: RepositoryEvent): Promise<Event | undefined> {
  const common = { repository: repositoryShape(repository), sender: user(event.by) };
  if (event.name === 'push') return push(repository, event, common);
  if (event.name === 'pull_request') return pullRequest(repository, event, common);

  const { by, name } = event;
  const branch =
    name === 'workflow_dispatch' ? event.ref.replace('refs/heads/', '') : repository.defaultBranch;
  const sha = await headOf(repository, branch);
  if (!sha) return undefined;
  const ref = `refs/heads/${branch}`;
  const at = { ref, branch, sha, headSha: sha, by };
  switch (name) {
    case 'workflow_dispatch': {
      const payload = { ...common, ref, inputs: event.inputs, workflow: `.github/workflows/${event.file}` };
      return { ...at, trigger: { name, file: event.file }, title: event.file, payload };
    }
    case 'repository_dispatch': {
      const payload = { ...common, action: event.type, branch, client_payload: event.payload };
      return { ...at, trigger: { name, type: event.type }, title: event.type, payload };
    }
    case 'schedule':
      return { ...at, trigger: { name, file: event.file }, title: event.file, payload: common };
  }
}

type Of<Name> = Extract<RepositoryEvent, { name: Name }>;

async function push(
  repository: Repository,
  { branch, before, after, by }: Of<'push'>,
  common: object,
): Promise<Event> {
  const { objects, defaultBranch } = repository;
  // Of a new branch counts what the default branch does not have.
  const base = before ?? (await objects.mergeBase(defaultBranch, after)) ?? after;
  const [files, commit] = await Promise.all([objects.changedFiles(base, after), objects.commit(after)]);
  const title = commit.message.split('\n')[0] ?? '';
  const ref = `refs/heads/${branch}`;
  const head = { id: after, message: commit.message, timestamp: commit.author.date, author: commit.author };
  return {
    trigger: { name: 'push', branch, changed: files.map(({ path }) => path) },
    ...{ ref, branch, sha: after, headSha: after, title, by },
    payload: { ...common, ref, before: before ?? '0'.repeat(40), after, head_commit: head, commits: [head] },
  };
}

/** A run for a pull request is at the merge that it would be: https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request */
async function pullRequest(
  repository: Repository,
  { action, number, by }: Of<'pull_request'>,
  common: object,
): Promise<Event | undefined> {
  const issue = findPull(repository, number);
  if (!issue) return undefined;
  const { objects } = repository;
  const { head, base: into, headSha } = issue.pull;
  const base = await headOf(repository, into);
  const ref = `refs/pull/${number}/merge`;
  const sha =
    issue.open && base ? await mergeCommit(repository, ref, base, headSha) : await objects.resolve(ref);
  if (!sha || !base) return undefined;
  const files = await objects.changedFiles((await objects.mergeBase(base, headSha)) ?? base, headSha);
  return {
    trigger: { name: 'pull_request', action, base: into, changed: files.map(({ path }) => path) },
    ...{ ref, branch: head, sha, headSha, title: issue.title, by },
    payload: { ...common, action, number, pull_request: pullShape(repository, issue) },
  };
}

async function mergeCommit(
  { objects }: Repository,
  ref: string,
  base: string,
  head: string,
): Promise<string | undefined> {
  const tree = await objects.mergeTree(base, head);
  if (!tree) return undefined;
  const message = `Merge ${head} into ${base}`;
  const sha = await objects.writeCommit({ tree, parents: [base, head], message, author: webFlow() });
  await objects.moveRef(ref, sha, await objects.resolve(ref));
  return sha;
}
