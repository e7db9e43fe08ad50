import { join } from 'node:path';
import { UserError } from '../runner/errors.ts';
import { calledBy, events, local, type Step, textsIn, withCalled } from './workflow-files.ts';

/** What the jobs that enter an environment of GitHub's ask of it. */
export interface Demand {
  environment: string;
  /** By name, the actions of ours that are handed each secret. */
  secrets: Map<string, Set<string>>;
  /** Nothing but what is merged enters it: no job in it belongs to a pull request. */
  mainOnly: boolean;
  /** Its jobs plan or look for drift, and change nothing. */
  looksOnly: boolean;
  /** The environments of platform.yaml that its jobs work on. */
  targets: Set<string>;
}

/** What the workflows say of the repository that they run in. */
export interface Workflows {
  demands: Demand[];
  /** The checks that a pull request and a merge queue can wait for, by their names on GitHub. */
  checks: string[];
  /** Whether a job opens pull requests. */
  opensPullRequests: boolean;
  /** Terraform's version, where a workflow names it. */
  terraform: string | undefined;
}

/** Ours, as this checkout has them: what a repository calls at a release can only be read there in another version. */
const ours = join(import.meta.dirname, '../../.github/workflows');

/** @param folder `.github/workflows`. @throws UserError when there is none, or a file in it cannot be read */
export async function readWorkflows(folder: string): Promise<Workflows> {
  return understand(await textsIn(folder), await textsIn(ours));
}

/**
 * @param texts the workflow files, by name
 * @param released those of Slipway, by name: what another repository calls as `OWNER/slipway/.github/workflows/NAME@REF`
 */
export function understand(texts: Record<string, string>, released: Record<string, string> = {}): Workflows {
  const workflows = withCalled(texts, released);
  const jobs = [...workflows].flatMap(([file, workflow]) =>
    Object.entries(workflow.jobs).map(([id, job]) => ({ file, workflow, id, job })),
  );
  type Placed = (typeof jobs)[number];
  const callers = (file: string) => jobs.filter(caller => calledBy(caller.file, caller.job) === file);

  /** The file in the repository itself by which a job comes to run: what can be edited there. */
  const origin = (file: string): string =>
    file.startsWith(local) ? file : origin(callers(file)[0]?.file ?? local);

  /** What starts a workflow, also by way of one that calls it. */
  const startedBy = ({ file, workflow }: Placed): string[] => [
    ...events(workflow),
    ...callers(file).flatMap(startedBy),
  ];

  /** All that a text with expressions can come to; undefined where that is not written down. */
  function values(text: string, place: Placed): string[] | undefined {
    const expression = /\$\{\{ *(matrix|inputs)\.([\w-]+) *\}\}/.exec(text);
    if (!expression) return text.includes('${{') ? undefined : [text];
    const [whole, kind, name = ''] = expression;
    const found = kind === 'matrix' ? place.job.strategy?.matrix?.[name] : inputs(name, place);
    if (!Array.isArray(found)) return undefined;
    const all = found.map(value => values(text.replace(whole, String(value)), place));
    return all.every(each => each !== undefined) ? all.flat() : undefined;
  }

  function inputs(name: string, { file, workflow }: Placed): string[] | undefined {
    const offered = typeof workflow.on === 'object' && !Array.isArray(workflow.on) ? workflow.on : {};
    const given = callers(file).map(caller => values(String(caller.job.with?.[name]), caller));
    const all = [offered.workflow_dispatch?.inputs?.[name]?.options ?? [], ...given];
    return all.every(each => each !== undefined) && all.some(each => each.length > 0)
      ? all.flat()
      : undefined;
  }

  const demands = new Map<string, Demand>();
  for (const place of jobs) {
    const { environment } = place.job;
    if (environment === undefined) continue;
    const name = typeof environment === 'string' ? environment : environment.name;
    const names = values(name, place);
    if (!names)
      throw new UserError(
        `The job ${place.id} enters "${name}", and what that can be stands nowhere: name the environments in its matrix or in the options of the input`,
        { file: origin(place.file) },
      );
    for (const each of names) enter(demand(demands, each), place);
  }

  function enter(into: Demand, place: Placed): void {
    into.mainOnly &&= !startedBy(place).some(event => event.startsWith('pull_request'));
    const { steps = [], ...rest } = place.job;
    for (const step of [...steps, rest as Step]) {
      const action = actionOf(step);
      const secrets = secretsIn(step);
      for (const secret of secrets) {
        const users = into.secrets.get(secret) ?? new Set();
        if (action) users.add(action);
        into.secrets.set(secret, users);
      }
      if (!action) {
        into.looksOnly &&= secrets.length === 0;
        continue;
      }
      into.looksOnly &&= action === 'plan' || String(step.with?.drift) === 'true';
      const all = values(String(step.with?.environment ?? ''), place) ?? [];
      // An environment with a name of its own in each run works on that one alone: `staging-plan` on staging.
      const [only] = all;
      const target = all.length === 1 ? only : targetOf(into.environment, all);
      if (target) into.targets.add(target);
    }
  }

  // A check of a matrix, of a called workflow or of a computed name is reported under another, and would be waited for for ever.
  const awaited = jobs
    .filter(({ workflow }) =>
      ['pull_request', 'merge_group'].every(event => events(workflow).includes(event)),
    )
    .filter(({ job }) => !job.strategy && !job.uses && !job.name?.includes('${{'));
  const steps = jobs.flatMap(({ job }) => job.steps ?? []);
  return {
    demands: [...demands.values()].sort((a, b) => (a.environment < b.environment ? -1 : 1)),
    checks: awaited.map(({ id, job }) => job.name ?? id),
    opensPullRequests: steps.some(step => actionOf(step) === 'promote'),
    terraform: steps.map(step => step.with?.terraform_version).find(version => typeof version === 'string'),
  };
}

/**
 * Which of these an environment is, or stands beside: `staging-plan` is of `staging`, and `staging-eu` too, unless there is a
 * `staging-eu`, of which `staging-eu-plan` is then.
 */
export const targetOf = (environment: string, targets: readonly string[]): string | undefined =>
  targets
    .filter(target => environment === target || environment.startsWith(`${target}-`))
    .sort((a, b) => b.length - a.length)[0];

/** Ours are at `./actions/NAME` here, and at `OWNER/slipway/actions/NAME@REF` elsewhere. */
const actionOf = ({ uses }: Step): string | undefined =>
  /^(?:\.|[^/]+\/[^/]+)\/actions\/([\w-]+)(?:@.+)?$/.exec(uses ?? '')?.[1];

/** GITHUB_TOKEN comes by itself. */
const secretsIn = (step: Step): string[] =>
  [...JSON.stringify(step).matchAll(/\bsecrets\.([A-Za-z_]\w*)/g)]
    .map(([, name = '']) => name)
    .filter(name => name !== 'GITHUB_TOKEN');

function demand(demands: Map<string, Demand>, environment: string): Demand {
  const known = demands.get(environment);
  if (known) return known;
  const made: Demand = {
    environment,
    secrets: new Map(),
    mainOnly: true,
    looksOnly: true,
    targets: new Set(),
  };
  demands.set(environment, made);
  return made;
}
