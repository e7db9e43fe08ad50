import { type Artifact, fileName, type WorkflowJob, type WorkflowRun, workflowId } from '../workflow-runs.ts';
import type { Repository } from '../world.ts';
import { nodeId, type Schemas, user } from './accounts.ts';
import { apiUrl, repositoryShape, webUrl } from './repositories.ts';

export const runUrl = (repository: Repository, run: WorkflowRun) =>
  `${webUrl(repository)}/actions/runs/${run.id}`;
export const jobUrl = (repository: Repository, run: WorkflowRun, job: WorkflowJob) =>
  `${runUrl(repository, run)}/job/${job.id}`;

export function runShape(repository: Repository, run: WorkflowRun): Schemas['workflow-run'] {
  const url = `${apiUrl(repository)}/actions/runs/${run.id}`;
  const short = repositoryShape(repository);
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('WFR', run.id),
    head_branch: run.branch ?? null,
    head_sha: run.sha,
    path: run.path,
    display_title: run.title,
    run_number: run.number,
    run_attempt: 1,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: workflowId(run.path),
    check_suite_id: run.id,
    url,
    html_url: runUrl(repository, run),
    pull_requests: [],
    created_at: run.createdAt,
    updated_at: run.completedAt ?? run.startedAt,
    run_started_at: run.startedAt,
    actor: user(run.actor),
    triggering_actor: user(run.actor),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${apiUrl(repository)}/check-suites/${run.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    workflow_url: `${apiUrl(repository)}/actions/workflows/${workflowId(run.path)}`,
    head_commit: null,
    repository: short,
    head_repository: short,
  };
}

export function jobShape(repository: Repository, run: WorkflowRun, job: WorkflowJob): Schemas['job'] {
  const url = `${apiUrl(repository)}/actions/jobs/${job.id}`;
  return {
    id: job.id,
    run_id: run.id,
    run_url: `${apiUrl(repository)}/actions/runs/${run.id}`,
    run_attempt: 1,
    node_id: nodeId('CR', job.id),
    head_sha: run.sha,
    head_branch: run.branch ?? null,
    workflow_name: run.name,
    url,
    html_url: jobUrl(repository, run, job),
    check_run_url: `${apiUrl(repository)}/check-runs/${job.id}`,
    name: job.name,
    status: job.status,
    conclusion: job.conclusion,
    created_at: job.startedAt,
    started_at: job.startedAt,
    completed_at: job.completedAt,
    labels: ['ubuntu-latest'],
    runner_id: 1,
    runner_name: 'this machine',
    runner_group_id: 1,
    runner_group_name: 'Default',
    steps: job.steps.map(({ startedAt, completedAt, ...step }) => ({
      ...step,
      started_at: startedAt,
      completed_at: completedAt,
    })),
  };
}

export function workflowShape(
  repository: Repository,
  { path, name }: { path: string; name: string },
): Schemas['workflow'] {
  const id = workflowId(path);
  return {
    id,
    node_id: nodeId('W', id),
    name,
    path,
    state: 'active',
    created_at: repository.createdAt,
    updated_at: repository.createdAt,
    url: `${apiUrl(repository)}/actions/workflows/${id}`,
    html_url: `${webUrl(repository)}/blob/${repository.defaultBranch}/${path}`,
    badge_url: `${webUrl(repository)}/actions/workflows/${fileName(path)}/badge.svg`,
  };
}

export function artifactShape(
  repository: Repository,
  run: WorkflowRun,
  artifact: Artifact,
): Schemas['artifact'] {
  const url = `${apiUrl(repository)}/actions/artifacts/${artifact.id}`;
  return {
    id: artifact.id,
    node_id: nodeId('A', artifact.id),
    name: artifact.name,
    size_in_bytes: artifact.bytes,
    url,
    archive_download_url: `${url}/zip`,
    expired: false,
    created_at: artifact.createdAt,
    expires_at: null,
    updated_at: artifact.createdAt,
    workflow_run: { id: run.id, repository_id: repository.id, head_sha: run.sha },
  };
}
