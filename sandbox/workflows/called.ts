import type { Grants } from '../github/permissions.ts';
import { workflowFiles } from '../github/workflow-files.ts';
import type { Scope, World } from './leaf.ts';
import { type Job, readWorkflow, type Workflow } from './workflow.ts';

/**
 * The workflow that a job calls.
 * https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows
 */
export async function calledWorkflow(
  { repository, event }: World,
  caller: Workflow,
  uses: string,
): Promise<Workflow> {
  const path = uses.replace(/^\.\//, '');
  const files = await workflowFiles(repository, event.sha);
  const file = files.find(each => each.path === path);
  if (!file) throw new Error(`${caller.path}: ${uses} is not in this commit, and no other is called here`);
  const workflow = readWorkflow(file);
  if (!Object.hasOwn(workflow.on, 'workflow_call'))
    throw new Error(`${path} cannot be called: it has no workflow_call`);
  return workflow;
}

/**
 * What a job writes under `permissions:`, or its workflow for all, or else what its caller has; where there is none, what
 * GitHub gives in a new repository.
 * @throws Error as GitHub refuses a workflow whose called job asks for more than the job that calls it has
 */
export function grantsOf({ workflow, granted }: Pick<Scope, 'workflow' | 'granted'>, id: string, job: Job) {
  const grants = job.permissions ?? workflow.permissions ?? granted ?? { contents: 'read', packages: 'read' };
  if (typeof grants !== 'object' || grants === null)
    throw new Error(`${workflow.path}: ${id} must list its permissions for the sandbox`);
  const rank = (level = 'none') => ['none', 'read', 'write'].indexOf(level);
  for (const [name, level] of Object.entries(grants as Grants))
    if (granted && rank(level) > rank(granted[name]))
      throw new Error(
        `${workflow.path}: ${id} is requesting '${name}: ${level}', but is only allowed '${name}: ${granted[name] ?? 'none'}'`,
      );
  return grants as Grants;
}

/**
 * GitHub reads all that is called before a run starts, and does not start one of which a job asks for too much, also if
 * that job would be skipped.
 * @param above the workflows that lead there
 */
export async function assertCalls(
  world: World,
  scope: Pick<Scope, 'workflow' | 'granted'>,
  above: readonly string[] = [],
): Promise<void> {
  const { jobs, path } = scope.workflow;
  if (above.includes(path)) throw new Error(`${path} calls itself`);
  for (const [id, job] of Object.entries(jobs)) {
    const granted = grantsOf(scope, id, job);
    // Somebody else's cannot be read here; where one would run, that is said.
    if (!job.uses?.startsWith('./')) continue;
    const workflow = await calledWorkflow(world, scope.workflow, job.uses);
    await assertCalls(world, { workflow, granted }, [...above, path]);
  }
}
