import { matches } from './patterns.ts';
import { type Filters, isFile, list, type Workflow } from './workflow.ts';

/** Of an event what decides which workflows it starts. */
export type Trigger =
  | { name: 'push'; branch: string; changed: readonly string[] }
  | { name: 'pull_request'; action: string; base: string; changed: readonly string[] }
  | { name: 'workflow_dispatch'; file: string }
  | { name: 'repository_dispatch'; type: string }
  | { name: 'schedule'; file: string };

/** https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows */
export function isStartedBy(workflow: Workflow, trigger: Trigger): boolean {
  if (!Object.hasOwn(workflow.on, trigger.name)) return false;
  const filters = workflow.on[trigger.name] ?? {};
  switch (trigger.name) {
    case 'push':
      return takesPush(filters, trigger.branch) && takesPaths(filters, trigger.changed);
    case 'pull_request':
      return (
        list(filters.types ?? ['opened', 'synchronize', 'reopened']).includes(trigger.action) &&
        takesBranch(filters, trigger.base) &&
        takesPaths(filters, trigger.changed)
      );
    case 'repository_dispatch':
      return filters.types === undefined || list(filters.types).includes(trigger.type);
    default:
      return isFile(workflow, trigger.file);
  }
}

/** Who filters tags alone wants no branches. */
function takesPush(filters: Filters, branch: string): boolean {
  const branches = filters.branches ?? filters['branches-ignore'];
  const tags = filters.tags ?? filters['tags-ignore'];
  return branches === undefined && tags !== undefined ? false : takesBranch(filters, branch);
}

function takesBranch(filters: Filters, branch: string): boolean {
  if (filters.branches) return matches(list(filters.branches), branch);
  return !(filters['branches-ignore'] && matches(list(filters['branches-ignore']), branch));
}

/** One changed file that is wanted is enough; of those to ignore all must be. */
function takesPaths(filters: Filters, changed: readonly string[]): boolean {
  const { paths, 'paths-ignore': ignored } = filters;
  if (paths) return changed.some(path => matches(list(paths), path));
  return ignored === undefined || changed.some(path => !matches(list(ignored), path));
}
