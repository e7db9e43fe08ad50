import { dirname } from 'node:path';
import { ProtectedBranch } from '../github/commit.ts';
import { type Repository, repository } from '../github/repository.ts';
import { closest } from '../platform/closest.ts';
import { repositorySlug, type Target, target } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import { byCommit, byPullRequest, type Goal, refresh, withdraw } from './apply.ts';
import { assertAskable, type GateRequest, type Gates, openGates } from './gates/gates.ts';
import { observe, observeFolder, type World } from './observe.ts';
import { pinFolder } from './pin.ts';
import { type Plan, set, takeOver } from './plan.ts';
import { normalise, parseReference, type Reference } from './reference.ts';
import { diff, line, markdown, text, title } from './render.ts';
import { checkRevision } from './revision.ts';

export interface PromoteRequest extends GateRequest {
  /** Only this service; all of them unless told. */
  service?: string | undefined;
  /** The version for the first environment: `ghcr.io/acme/product:v1@sha256:…`. */
  image?: string | undefined;
  revision?: string | undefined;
}

export interface Promoted {
  changed: boolean;
  pullRequest?: number | undefined;
  commit?: string | undefined;
  /** The changed lines; empty when there is nothing to promote. */
  diff: string;
  /** JSON: what is held, and by which gates. */
  held: string;
}

/** Moves an environment's pins: the first one's to a new version, those further on to where the pins before them stand. */
export async function promote(runner: Runner, request: PromoteRequest): Promise<Promoted> {
  const { environment, dryRun } = request;
  const where = await target(request.platformFile, environment);
  const wish = decide(where, request);
  assertAskable(where, request);
  const services = Object.keys(where.platform.services);
  const environments = [environment, ...(wish.from ? [wish.from] : [])];

  const remote = await connect(runner, where, request);
  const base = remote
    ? await observe(remote, environments, services)
    : await observeFolder(dirname(request.platformFile), environments, services);
  const { moves: planned, missing } = wish.plan(base, base);
  for (const service of missing) {
    runner.warning(
      `${service} has a pin in ${wish.from} and none in ${environment}: copy ${pinFolder(wish.from ?? '')}/${service}.yaml and change what differs`,
    );
  }
  const gates = await openGates(runner, where, request, remote, planned);
  const pass = (each: Plan['moves']) => each.filter(move => gates.refusal(move) === undefined);
  const moves = pass(planned);

  const repositories = Object.fromEntries(
    Object.entries(where.platform.services).map(([name, { repository: url }]) => [name, url]),
  );
  const body = (shown: Plan['moves']) =>
    [
      ...(shown.length > 0 ? [markdown(environment, wish.from, shown, repositories)] : []),
      ...gates.markdown,
    ].join('\n\n');
  const goal = remote && {
    repository: remote,
    environment,
    runUrl: runner.context.runUrl,
    observe: (branch?: string) => observe(remote, environments, services, branch),
    // Where the versions come from is the default branch as it was; only the target is looked at anew.
    plan(world: World) {
      const { moves } = wish.plan(world, base);
      // What stands on the branch of a pull request is not there yet: the gates ask about what is.
      return world.branch === base.branch
        ? pass(moves)
        : moves.filter(({ pin }) => !gates.holds(pin.service));
    },
    body,
    trailers: gates.trailers,
  };
  if (planned.length === 0) return nothing(runner, goal, base, request);
  if (moves.length > 0) runner.info(text(moves));
  for (const line of gates.lines) runner.info(line);
  if (gates.notice) runner.notice(`${environment}: ${gates.notice}`);
  await runner.summary(body(moves));
  if (moves.length === 0) return allHeld(runner, goal, base, request, gates);

  const shown = { diff: diff(moves), held: gates.held };
  if (dryRun || !goal) {
    runner.info(`${environment}: ${title(environment, moves)} (a dry run)`);
    return { changed: false, ...shown };
  }
  if (where.settings.promote?.by !== 'pull-request') {
    try {
      const commit = await byCommit(goal, base.branch);
      runner.info(
        `${environment}: ${commit ? moves.map(line).join(', ') : 'somebody else has promoted this meanwhile'}`,
      );
      return { changed: commit !== undefined, commit, ...shown };
    } catch (error) {
      if (!(error instanceof ProtectedBranch)) throw error;
      runner.notice(
        `${base.branch} takes no direct commits, so this becomes a pull request (GitHub: ${error.message})`,
      );
    }
  }
  const { number, url, outcome, commit } = await byPullRequest(goal, base);
  runner.info(
    outcome === 'unchanged' && !commit
      ? `${environment}: nothing new to promote, pull request #${number} is waiting: ${url}`
      : `${environment}: pull request #${number} ${outcome === 'opened' ? 'opened' : 'refreshed'}: ${url}`,
  );
  return { changed: outcome !== 'unchanged' || commit !== undefined, pullRequest: number, commit, ...shown };
}

/** Nothing is written. A pull request that is open says what holds it. */
async function allHeld(
  runner: Runner,
  goal: Goal | undefined,
  base: World,
  { environment, dryRun }: PromoteRequest,
  { held }: Gates,
): Promise<Promoted> {
  const open = goal && !dryRun ? await refresh(goal, base) : undefined;
  const also = open ? `, pull request #${open.number} says why: ${open.url}` : '';
  runner.info(`${environment}: nothing is promoted${also}`);
  return { changed: open?.outcome === 'refreshed', pullRequest: open?.number, diff: '', held };
}

/** The source stands where the target does. An open pull request would only bring back what was left behind. */
async function nothing(
  runner: Runner,
  goal: Goal | undefined,
  base: World,
  { environment, dryRun, service }: PromoteRequest,
): Promise<Promoted> {
  const closed = goal && !dryRun && service === undefined ? await withdraw(goal, base) : undefined;
  runner.info(
    `${environment}: nothing to promote${closed === undefined ? '' : `, pull request #${closed} is closed as there is nothing left in it`}`,
  );
  return { changed: closed !== undefined, diff: '', pullRequest: closed, held: '[]' };
}

interface Wish {
  /** The environment that the versions come from, if it is one. */
  from?: string | undefined;
  /** @param target the pins to be moved; @param source the pins to move them to */
  plan(target: World, source: World): Plan;
}

/** Reads out of platform.yaml and the inputs what shall be moved where. @throws UserError when they do not fit */
function decide(
  { platform, settings, environment }: Target,
  { service, image, revision }: PromoteRequest,
): Wish {
  if (service !== undefined && !platform.services[service]) {
    const known = Object.keys(platform.services);
    const hint = closest(service, known);
    throw new UserError(
      `There is no service "${service}": ${hint ? `did you mean "${hint}"?` : `it must be one of ${known.join(', ')}`}`,
    );
  }
  const from = settings.promote?.from;
  if (from !== undefined) {
    if (image !== undefined || revision !== undefined) {
      throw new UserError(
        `${environment} takes its versions from ${from}: leave out image and revision, or give them to the environment that comes first`,
      );
    }
    const wanted = (world: World) =>
      world.pins(from).filter(pin => service === undefined || pin.service === service);
    return { from, plan: (aim, source) => takeOver(wanted(source), aim.pins(environment)) };
  }
  if (service === undefined || (image === undefined && revision === undefined)) {
    throw new UserError(
      `${environment} is the first environment, so nothing comes to it by itself: give the inputs service, image and revision`,
    );
  }
  const version = {
    image: image === undefined ? undefined : reference(platform, service, image),
    revision: revision === undefined ? undefined : checkRevision(revision),
  };
  return {
    plan(world) {
      const pin = world.pins(environment).find(each => each.service === service);
      if (!pin)
        throw new UserError(
          `${service} has no pin in ${environment}: write ${pinFolder(environment)}/${service}.yaml first`,
        );
      return set(pin, version);
    },
  };
}

// What arrives here may come from another repository: it names an image of this service, and a version that stands still.
function reference({ services }: Target['platform'], service: string, image: string): Reference {
  const expected = services[service]?.image ?? '';
  const found = parseReference(image);
  if (!found || (found.tag === undefined && found.digest === undefined) || found.tag === 'latest') {
    throw new UserError(
      `"${image}" names no version: write ${expected}:TAG, ${expected}@sha256:… or both, not "latest"`,
    );
  }
  if (normalise(found.repository) === normalise(expected)) return found;
  throw new UserError(`"${image}" is not an image of ${service}: by platform.yaml that is ${expected}`);
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
