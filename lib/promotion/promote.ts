import { dirname } from 'node:path';
import { contains } from '../github/branch.ts';
import type { Place } from '../github/files.ts';
import { openPullRequest } from '../github/pull-request.ts';
import { type Repository, repository } from '../github/repository.ts';
import { repositorySlug, type Target, target } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import type { Goal } from './apply.ts';
import { type Body, markdown } from './body.ts';
import { wayFinder } from './commits.ts';
import { type Draft, isNothing, type Planner, planner } from './draft.ts';
import { assertAskable, type GateRequest, type Gates, openGates } from './gates/gates.ts';
import { observe, observeFolder, type World } from './observe.ts';
import { pinFolder } from './pin.ts';
import { diff, text, title } from './render.ts';
import { askedBy } from './trailers.ts';
import { readWish, type Wanted, type Wish } from './wish.ts';
import { holdBranch, promotionBranch, type Written, withdraw, write } from './write.ts';

/** A dry run without a token reads the pins where platform.yaml is. */
export interface PromoteRequest extends Wanted, GateRequest {}

export interface Promoted extends Written {
  /** The changed lines; empty when there is nothing to do. */
  diff: string;
  /** Services that stay where they are, because they are paused or their version is rejected. */
  heldBack: string[];
  /** JSON: what gates hold, and why. */
  held: string;
}

/**
 * Moves an environment's pins: the first one's to a new version, those further on to where the pins before them stand, and
 * any of them back to where they stood. Or changes what is held.
 */
export async function promote(runner: Runner, request: PromoteRequest): Promise<Promoted> {
  const { environment, dryRun } = request;
  const where = await target(request.platformFile, environment);
  const wish = readWish(where, request);
  const isPromotion = wish.kind === 'take-over' || wish.kind === 'announce';
  if (isPromotion) assertAskable(where, request);
  const { platform, settings } = where;
  const services = Object.keys(platform.services);
  const from = wish.kind === 'take-over' ? wish.from : undefined;
  const environments = [environment, ...(from === undefined ? [] : [from])];

  const remote = await connect(runner, where, request);
  const look = (place?: Place) =>
    remote
      ? observe(remote, environments, services, place)
      : observeFolder(dirname(request.platformFile), environments, services);
  const base = await look();
  const past = wish.kind === 'rollback' ? await lookBack(remote, base, wish.commit, look) : undefined;
  const asked = askedBy(runner.context);
  const given = { environment, services, asked, now: new Date(), past };
  // Gates are about promotions: a rollback or a pause is a person's own decision, and waits for nothing.
  const asking = isPromotion ? planner(wish, given)(base, base).moves : [];
  const gates = await openGates(runner, where, request, remote, asking);
  const plan = planner(wish, isPromotion ? { ...given, refuse: gates.refusal } : given);
  const draft = plan(base, base);
  tell(runner, where, from, draft);

  const repositories = Object.fromEntries(
    Object.entries(platform.services).map(([name, { repository: url }]) => [name, url]),
  );
  const findWays = wayFinder(remote?.octokit, repositories);
  const body = async (rest: Omit<Body, 'environment' | 'from' | 'ways'>) =>
    [markdown({ ...rest, environment, from, ways: await findWays(rest.moves) }), ...gates.markdown].join(
      '\n\n',
    );
  const goal: Omit<Goal, 'branch' | 'plan'> | undefined = remote && {
    ...{ repository: remote, environment, asked, trailers: gates.trailers },
    observe: branch => look({ branch }),
    body: proposal => body({ ...proposal, isProposal: true }),
  };
  const heldBack = draft.withheld.map(({ move }) => move.pin.service);
  const done = { diff: '', heldBack, held: gates.held };

  if (!isNothing(draft)) {
    done.diff = diff(draft);
    runner.info(text(draft));
  }
  for (const line of gates.lines) runner.info(line);
  if (gates.notice) runner.notice(`${environment}: ${gates.notice}`);
  if (!isNothing(draft) || draft.withheld.length > 0 || gates.notice) {
    await runner.summary(await body({ ...draft, kept: [], asked, isProposal: false }));
  }
  const idle = `${environment}: nothing ${gates.notice ? 'is promoted' : `to ${isPromotion ? 'promote' : 'change'}`}`;
  if (dryRun || !goal) {
    runner.info(isNothing(draft) ? idle : `${environment}: ${title(environment, draft)} (a dry run)`);
    return { changed: false, pullRequests: [], commits: [], ...done };
  }

  const written: Written = { changed: false, pullRequests: [], commits: [] };
  const used: string[] = [];
  const by = settings.promote?.by ?? 'commit';
  const all: (readonly [string, Planner, typeof by])[] = [
    ...routes(wish, where, draft, plan).map(([branch, aim]) => [branch, aim, by] as const),
    ...(await waiting(remote, base, where, gates, plan)),
  ];
  for (const [branch, aim, by] of all) {
    if (used.includes(branch)) continue;
    const made = await write(runner, { ...goal, branch, plan: aim }, base, by);
    written.changed ||= made.changed;
    written.pullRequests.push(...made.pullRequests);
    written.commits.push(...made.commits);
    if (made.pullRequests.length > 0) used.push(branch);
  }
  if (isNothing(draft)) runner.info(idle);
  // What was left out on purpose may be open still.
  if (wish.kind === 'take-over' && wish.service === undefined) {
    const closed = await withdraw(runner, goal, base, used);
    written.changed ||= closed.length > 0;
    written.pullRequests.push(...closed);
  }
  return { ...written, ...done };
}

/** Which branches get what: one for all, or where services travel apart one a service. */
function routes(
  wish: Wish,
  { environment, settings }: Target,
  draft: Draft,
  plan: Planner,
): [string, Planner][] {
  if (isNothing(draft)) return [];
  if (wish.kind !== 'take-over' && wish.kind !== 'announce') return [[holdBranch(environment), plan]];
  if (settings.promote?.services !== 'apart') return [[promotionBranch(environment), plan]];
  return draft.moves.map(({ pin: { service } }) => [
    promotionBranch(environment, service),
    alone(plan, service),
  ]);
}

const alone =
  (plan: Planner, service: string): Planner =>
  (world, reference) => {
    const { moves, withheld, ...rest } = plan(world, reference);
    return {
      ...rest,
      moves: moves.filter(({ pin }) => pin.service === service),
      withheld: withheld.filter(({ move }) => move.pin.service === service),
    };
  };

/** The pull requests that are open for what gates hold now: they keep their versions, and say what holds the next. */
async function waiting(
  remote: Repository | undefined,
  base: World,
  { environment, platform, settings }: Target,
  gates: Gates,
  plan: Planner,
): Promise<[string, Planner, 'pull-request'][]> {
  const held = Object.keys(platform.services).filter(gates.holds);
  if (!remote || held.length === 0) return [];
  const isApart = settings.promote?.services === 'apart';
  const branches = isApart
    ? held.map(service => [promotionBranch(environment, service), alone(plan, service)] as const)
    : [[promotionBranch(environment), plan] as const];
  const open = await Promise.all(branches.map(([branch]) => openPullRequest(remote, branch, base.branch)));
  return branches.flatMap(([branch, aim], index) => (open[index] ? [[branch, aim, 'pull-request']] : []));
}

function tell(runner: Runner, { environment }: Target, from: string | undefined, draft: Draft): void {
  for (const service of draft.missing) {
    runner.warning(
      `${service} has a pin in ${from} and none in ${environment}: copy ${pinFolder(from ?? '')}/${service}.yaml and change what differs`,
    );
  }
  for (const { reason } of draft.withheld) runner.notice(reason);
}

/** An environment as it stood at a commit of the branch's history: what was never merged was never promoted. */
async function lookBack(
  remote: Repository | undefined,
  base: World,
  commit: string,
  look: (place: Place) => Promise<World>,
): Promise<World> {
  if (!remote) {
    throw new UserError(
      'A rollback reads the commit from GitHub, in a dry run too: give the input github-token',
    );
  }
  const past = await look({ commit });
  // A branch or tag may have digits for its name.
  if (past.head.startsWith(commit) && (await contains(remote, base.head, past.head))) return past;
  throw new UserError(
    `The commit ${commit} is not in the history of ${base.branch}: choose one that npm run slipway -- history shows`,
  );
}

async function connect(
  runner: Runner,
  { platform }: Target,
  { githubToken, dryRun }: PromoteRequest,
): Promise<Repository | undefined> {
  if (githubToken) return repository(await runner.octokit(githubToken), repositorySlug(platform.repository));
  if (dryRun) return undefined;
  throw new UserError(
    'A promotion is written to GitHub: give the input github-token, or try it with dry-run',
  );
}
