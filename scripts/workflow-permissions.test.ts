import { describe, expect, test } from 'vitest';
import { actionOf, calledBy, type Job, readWorkflow, type Step, workflowFiles } from './workflow-files.ts';

/*
 * A job has what its steps need, and nothing else: a grant that is taken out or put in fails here. What a step needs stands in
 * one place, with the API that asks for it: https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
 */

type Grants = Record<string, 'read' | 'write'>;
interface Need {
  /** What in a job asks for it. */
  of: (step: Step, job: Job) => boolean;
  grants: Grants;
}

const isOurToken = (value: unknown) => value === '${{ github.token }}';
const uses = (action: string) => (step: Step) => step.uses?.startsWith(`${action}@`) ?? false;
const ours =
  (...names: string[]) =>
  (step: Step) =>
    names.includes(actionOf(step) ?? '') && isOurToken(step.with?.['github-token']);
const pushes = ({ run = '', env }: Step) => /\bgit push\b/.test(run) && isOurToken(env?.GH_TOKEN);

const needs: Record<string, Need> = {
  'a checkout of the repository itself': {
    of: step => uses('actions/checkout')(step) && step.with?.repository === undefined,
    grants: { contents: 'read' },
  },
  // POST /repos/{owner}/{repo}/issues/{issue_number}/comments; GraphQL pullRequest.comments
  'the comment on a pull request': {
    of: step => ours('plan', 'apply')(step) && step.with?.drift !== true,
    grants: { 'pull-requests': 'write' },
  },
  // POST /repos/{owner}/{repo}/issues
  'the issue about drift': {
    of: step => ours('plan', 'bootstrap', 'dns')(step) && step.with?.drift === true,
    grants: { issues: 'write' },
  },
  // GET /repos/{owner}/{repo}/deployments: whether GitHub has made the record itself
  'the record of an apply, in a job that names its environment': {
    of: (step, job) => ours('apply')(step) && job.environment !== undefined,
    grants: { deployments: 'read' },
  },
  // GraphQL createCommitOnBranch; POST /repos/{owner}/{repo}/pulls; POST /repos/{owner}/{repo}/deployments
  'a promotion': {
    of: ours('promote'),
    grants: { contents: 'write', 'pull-requests': 'write', deployments: 'write' },
  },
  // GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals; GET /repos/{owner}/{repo}/attestations/{subject_digest}
  'the gates of a promotion, which are asked where it has an environment': {
    of: (step, job) => ours('promote')(step) && job.environment !== undefined,
    grants: { actions: 'read', attestations: 'read' },
  },
  // https://docs.github.com/en/packages/managing-github-packages-using-github-actions-workflows
  'a push of an image': {
    of: step => uses('docker/login-action')(step) && isOurToken(step.with?.password),
    grants: { packages: 'write' },
  },
  // https://github.com/actions/attest-build-provenance#usage
  'a provenance': {
    of: uses('actions/attest-build-provenance'),
    grants: { 'id-token': 'write', attestations: 'write' },
  },
  // git over HTTP; POST /repos/{owner}/{repo}/releases
  'a push of tags, and a release': { of: pushes, grants: { contents: 'write' } },
};

/** `write` includes `read`. */
const joined = (all: Grants[]): Grants => {
  const grants = all.flatMap(each => Object.entries(each));
  return Object.fromEntries([
    ...grants.filter(([, level]) => level === 'read'),
    ...grants.filter(([, level]) => level === 'write'),
  ]);
};

function needed(job: Job): Grants {
  const called = calledBy(job);
  if (called) return joined(Object.values(readWorkflow(called).jobs).map(needed));
  return joined(
    Object.values(needs).flatMap(({ of, grants }) =>
      job.steps?.some(step => of(step, job)) ? [grants] : [],
    ),
  );
}

const jobs = workflowFiles.flatMap(file =>
  Object.entries(readWorkflow(file).jobs).map(([name, job]) => ({ file, name, job })),
);

test.each(jobs)('$file, job $name: is granted what its steps need, and nothing else', ({ job }) => {
  expect(job.permissions).toEqual(needed(job));
});

describe('every reason is met', () => {
  test.each(Object.entries(needs))('%s', (_, { of }) => {
    expect(jobs.filter(({ job }) => job.steps?.some(step => of(step, job)))).not.toEqual([]);
  });
});

test.each(jobs.filter(({ job }) => job.steps))(
  '$file, job $name: no step has a token of the job that no reason knows',
  ({ job }) => {
    const unknown = job.steps?.filter(
      step =>
        /github\.token|secrets\.GITHUB_TOKEN/.test(JSON.stringify(step)) &&
        !Object.values(needs).some(({ of }) => of(step, job)),
    );
    expect(unknown).toEqual([]);
  },
);
