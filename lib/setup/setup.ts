import { dirname, join } from 'node:path';
import { load, type PlatformFile } from '../platform/platform.ts';
import { whole } from '../runner/gather.ts';
import type { Runner } from '../runner/runner.ts';
import { apply } from './apply.ts';
import { observeCloudflare } from './cloudflare/observe.ts';
import { planCloudflare, unfitTokens } from './cloudflare/plan.ts';
import { observeExoscale } from './exoscale/observe.ts';
import { planExoscale, unfitKeys } from './exoscale/plan.ts';
import { observeGitHub } from './github/observe.ts';
import { planGitHub } from './github/plan.ts';
import { outcome, table } from './render.ts';
import { isProblem, type Row } from './row.ts';
import { observeServices } from './services/observe.ts';
import { planServices } from './services/plan.ts';
import { observeTools } from './tools/observe.ts';
import { planTools } from './tools/plan.ts';
import { assertPossible, secretValues, type Wish } from './wish.ts';
import { type Demand, readWorkflows, targetOf, type Workflows } from './workflows.ts';

export interface Request extends Pick<Wish, 'reviewers' | 'rotate' | 'variables'> {
  platformFile: string;
  githubToken: string | undefined;
  /** Makes the changes. */
  apply: boolean;
  /** Looks at the tools of this machine too. */
  tools: boolean;
  /** For programs: rows alone, as JSON. */
  json: boolean;
  /** How wide the terminal is; undefined where it is none. */
  columns: number | undefined;
}

/**
 * Holds a team's accounts against platform.yaml and the workflows beside it, shows a row a check, and makes what is missing
 * if it is asked to. @returns whether anything that the platform needs is missing or wrong
 */
export async function setup(runner: Runner, request: Request): Promise<boolean> {
  const { reviewers, rotate, variables } = request;
  const folder = dirname(request.platformFile);
  const [platform, workflows] = await whole([
    load(request.platformFile),
    readWorkflows(join(folder, '.github', 'workflows')),
  ]);
  const wish: Wish = { platform, workflows: inOrder(workflows, platform), reviewers, rotate, variables };
  for (const value of secretValues(wish)) runner.mask(value);
  assertPossible(wish);

  const look = () => rows(runner, wish, request, join(folder, 'manifests'));
  const before = await look();
  const changes = before.flatMap(row => row.changes);
  if (!request.apply || changes.length === 0) return show(before);

  const applied = apply(runner, wish, request, changes);
  const problem = await applied.then(
    () => undefined,
    error => ({ error }),
  );
  const after = await look();
  if (!request.json) runner.info('');
  const isWrong = show(after);
  if (problem) throw problem.error;
  return isWrong;

  function show(all: readonly Row[]): boolean {
    if (request.json) runner.info(JSON.stringify(all, null, 2));
    else runner.info([table(all, request.columns), '', outcome(all)].join('\n'));
    return all.some(isProblem);
  }
}

/** GitHub's environments as platform.yaml has its own, each with those beside it. */
function inOrder(workflows: Workflows, { environments }: PlatformFile): Workflows {
  const names = Object.keys(environments);
  const rank = ({ environment }: Demand) => {
    const target = targetOf(environment, names);
    return target === undefined ? names.length : names.indexOf(target);
  };
  return { ...workflows, demands: workflows.demands.toSorted((a, b) => rank(a) - rank(b)) };
}

/** All of it is read at once: each of the APIs answers in its own time. */
async function rows(
  runner: Runner,
  wish: Wish,
  { githubToken, tools }: Request,
  manifests: string,
): Promise<Row[]> {
  runner.progress('Looking at GitHub, Exoscale and Cloudflare');
  const [github, exoscale, cloudflare, services, machine] = await whole([
    observeGitHub(runner, wish, githubToken),
    observeExoscale(wish),
    observeCloudflare(wish),
    observeServices(runner, wish, githubToken, manifests),
    tools ? observeTools(runner) : undefined,
  ]);
  const own = 'value' in github.repository && github.repository.value?.isPrivate;
  const isPrivate =
    own === true ||
    services.some(({ repository }) => 'value' in repository && repository.value?.isPrivate === true);
  const unfit = new Map([...unfitKeys(wish, exoscale), ...unfitTokens(cloudflare)]);
  return [
    ...planGitHub(wish, github, { isPrivate, unfit }),
    ...planExoscale(wish, exoscale),
    ...planCloudflare(cloudflare),
    ...planServices(services),
    ...(machine ? planTools(wish, machine) : []),
  ];
}
