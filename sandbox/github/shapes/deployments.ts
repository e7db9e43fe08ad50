import type { CheckRun, CommitStatus, Deployment, DeploymentStatus, Repository } from '../world.ts';
import { nodeId, type Schemas, user } from './accounts.ts';
import { apiUrl, webUrl } from './repositories.ts';

export function deploymentShape(repository: Repository, deployment: Deployment): Schemas['deployment'] {
  const url = `${apiUrl(repository)}/deployments/${deployment.id}`;
  return {
    url,
    id: deployment.id,
    node_id: nodeId('DE', deployment.id),
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload,
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description,
    creator: user(deployment.creator),
    created_at: deployment.createdAt,
    updated_at: deployment.statuses.at(-1)?.createdAt ?? deployment.createdAt,
    statuses_url: `${url}/statuses`,
    repository_url: apiUrl(repository),
    transient_environment: deployment.transient,
    production_environment: deployment.production,
  };
}

export function deploymentStatusShape(
  repository: Repository,
  deployment: Deployment,
  status: DeploymentStatus,
): Schemas['deployment-status'] {
  const url = `${apiUrl(repository)}/deployments/${deployment.id}`;
  return {
    url: `${url}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DES', status.id),
    // GitHub answers with `waiting` too, of which the description of its REST API knows nothing.
    state: status.state as Schemas['deployment-status']['state'],
    creator: user(status.creator),
    description: status.description,
    environment: status.environment,
    target_url: status.logUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: url,
    repository_url: apiUrl(repository),
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
  };
}

export const statusShape = (
  repository: Repository,
  status: CommitStatus,
): Schemas['status'] & Schemas['simple-commit-status'] => ({
  url: `${apiUrl(repository)}/statuses/${status.sha}`,
  avatar_url: user(status.creator).avatar_url,
  id: status.id,
  node_id: nodeId('SC', status.id),
  state: status.state,
  description: status.description,
  target_url: status.targetUrl,
  context: status.context,
  created_at: status.createdAt,
  updated_at: status.createdAt,
  creator: user(status.creator),
});

export function checkRunShape(repository: Repository, run: CheckRun): Schemas['check-run'] {
  const url = `${apiUrl(repository)}/check-runs/${run.id}`;
  return {
    id: run.id,
    head_sha: run.sha,
    node_id: nodeId('CR', run.id),
    external_id: run.externalId,
    url,
    html_url: `${webUrl(repository)}/runs/${run.id}`,
    details_url: run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: 0,
      annotations_url: `${url}/annotations`,
    },
    name: run.name,
    check_suite: null,
    app: null,
    pull_requests: [],
  };
}
