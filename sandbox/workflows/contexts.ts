import type { WorkflowRun } from '../github/workflow-runs.ts';
import { type Repository, slug } from '../github/world.ts';
import type { Environment } from '../run.ts';
import type { Event } from './event.ts';
import type { Contexts } from './expressions.ts';

/** https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context */
export const githubContext = (repository: Repository, run: WorkflowRun, event: Event): Contexts => ({
  ...{
    workflow: run.name,
    event: event.payload,
    event_name: event.trigger.name,
    ref: event.ref,
    sha: event.sha,
  },
  ref_name: event.ref.replace(/^refs\/(heads|pull)\//, ''),
  ...{ repository: slug(repository), repository_owner: repository.owner.login },
  ...{ actor: event.by.login, triggering_actor: event.by.login },
  ...{ run_id: String(run.id), run_number: String(run.number), run_attempt: '1' },
});

/** What act takes from its environment; `SHA_REF` is its own name for the commit. */
export const githubVariables = (repository: Repository, run: WorkflowRun, event: Event): Environment => ({
  ...{ GITHUB_REPOSITORY: slug(repository), GITHUB_REPOSITORY_OWNER: repository.owner.login },
  ...{ GITHUB_REF: event.ref, SHA_REF: event.sha, GITHUB_TRIGGERING_ACTOR: event.by.login },
  ...{ GITHUB_RUN_ID: String(run.id), GITHUB_RUN_NUMBER: String(run.number), GITHUB_RUN_ATTEMPT: '1' },
});
