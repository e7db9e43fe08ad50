import type { Leaf } from './leaf.ts';
import type { Job } from './workflow.ts';

/**
 * The files that act is given for one job. What GitHub has decided before a job reaches a runner is left out: conditions,
 * concurrency and environments, of which act knows none and refuses `queue` and `deployment`; of a matrix one combination
 * is left. A called workflow keeps a caller, through which act learns its inputs. JSON is YAML.
 * @throws Error for what would come out otherwise than on GitHub
 */
export function derive(leaf: Leaf, event: string): Record<string, string> {
  const { workflow, id, job, matrix, called, github } = leaf;
  const { needs: _, if: __, concurrency: ___, environment: ____, strategy: _____, ...rest } = job;
  if (/\$\{\{(?:(?!\}\}).)*\bneeds\b/s.test(JSON.stringify(rest.steps)))
    throw new Error(
      `${workflow.path}: a step of ${id} asks for "needs", which the sandbox does not hand to steps`,
    );
  const single = Object.fromEntries(Object.entries(matrix).map(([key, value]) => [key, [value]]));
  const strategy = Object.keys(matrix).length > 0 ? { strategy: { matrix: single } } : {};
  const on = Object.fromEntries(
    Object.entries(workflow.on).map(([name, filters]) => [name, filters ?? null]),
  );
  const file = {
    name: github.workflow,
    on,
    permissions: {},
    ...(workflow.env && { env: workflow.env }),
    ...(workflow.defaults !== undefined && { defaults: workflow.defaults }),
    jobs: { [id]: { ...rest, ...strategy } as Job },
  };
  if (!called) return { 'run.yml': JSON.stringify(file) };
  if (JSON.stringify(called).includes('${{'))
    throw new Error(
      `${workflow.path}: an input of ${id} contains "\${{", which would be read as an expression`,
    );
  const uses = './.github/workflows/called.yml';
  const caller = { uses, with: called, secrets: 'inherit' };
  return {
    'run.yml': JSON.stringify({ name: github.workflow, on: { [event]: null }, jobs: { [id]: caller } }),
    'called.yml': JSON.stringify({ ...file, on: { workflow_call: on.workflow_call } }),
  };
}
