import { type Deployment, type DeploymentStatus, now, type Repository, type World } from './world.ts';

/** A success makes earlier, lasting deployments of the same environment inactive. */
export function retire(
  world: World,
  repository: Repository,
  current: Deployment,
  by: DeploymentStatus,
): void {
  for (const other of repository.deployments) {
    const isElsewhere = other.environment !== current.environment;
    if (other === current || isElsewhere || other.transient || other.production) continue;
    if (other.statuses.at(-1)?.state !== 'success') continue;
    other.statuses.push({ ...by, id: world.nextId(), state: 'inactive', description: '' });
  }
}

/**
 * What GitHub itself records of a job with `environment:`. Returns the record, and how it goes on.
 * @param logUrl the page of the job
 */
export function recordDeployment(
  world: World,
  repository: Repository,
  { environment, sha, ref, logUrl }: { environment: string; sha: string; ref: string; logUrl: string },
): { deployment: Deployment; status(state: DeploymentStatus['state']): void } {
  const creator = world.account('github-actions[bot]');
  const deployment: Deployment = {
    ...{ id: world.nextId(), sha, ref, task: 'deploy', environment, description: null, payload: {} },
    ...{
      transient: false,
      production: environment === 'production',
      creator,
      createdAt: now(),
      statuses: [],
    },
  };
  repository.deployments.push(deployment);
  return {
    deployment,
    status(state) {
      const made = { id: world.nextId(), state, description: '', environment, environmentUrl: '', logUrl };
      const one: DeploymentStatus = { ...made, creator, createdAt: now() };
      deployment.statuses.push(one);
      if (state === 'success') retire(world, repository, deployment, one);
    },
  };
}
