import { randomBytes } from 'node:crypto';
import { styleText } from 'node:util';
import { once, patiently, Unanswered } from '../github/call.ts';
import { repository as place, type Repository } from '../github/repository.ts';
import { UserError } from '../runner/errors.ts';
import { gathering } from '../runner/gather.ts';
import type { Runner } from '../runner/runner.ts';
import { type Change, describe } from './change.ts';
import { enableVersioning, makeBucket } from './exoscale/bucket.ts';
import { keysOf, mainKey } from './exoscale/observe.ts';
import { needed } from './github/ask.ts';
import { ownRuleset, ruleset } from './github/ruleset.ts';
import { sealed } from './seal.ts';
import { given, reviewKey, slugOf, type Wish } from './wish.ts';

/**
 * Makes the changes in their order, each such that it may come twice. One that fails keeps none of the others back, except
 * those of the same environment, and of the review key all others: it is the same in all environments, or the next look must
 * find that it is not. @throws UserErrors with all that has failed
 */
export async function apply(
  runner: Runner,
  wish: Wish,
  { githubToken: token, json }: { githubToken: string | undefined; json: boolean },
  changes: readonly Change[],
): Promise<void> {
  const target = token === undefined ? undefined : place(await runner.octokit(token), slugOf(wish));
  // One for all environments: what plan writes with it apply reads.
  const made = randomBytes(32).toString('base64');
  runner.mask(made);
  const broken = new Set<string>();
  const { add, tell } = gathering();
  let isKeyLeft = false;
  const reviewKeyIn = changes.filter(isReviewKey).map(({ environment }) => environment);
  for (const [index, change] of changes.entries()) {
    const environment = 'environment' in change ? change.environment : undefined;
    const together = isReviewKey(change) ? reviewKeyIn : environment === undefined ? [] : [environment];
    if (together.some(each => broken.has(each))) {
      isKeyLeft ||= isReviewKey(change);
      continue;
    }
    runner.progress(`${index + 1} of ${changes.length}: ${describe(change)}`);
    try {
      await make(change);
      if (!json) runner.info(`${styleText('green', '+')} ${describe(change)}`);
    } catch (error) {
      add(error);
      if (environment !== undefined) broken.add(environment);
    }
  }
  if (isKeyLeft)
    add(
      new UserError(
        `${reviewKey} must be the same in all environments, so it was set in none after that: mend what is told above and run this again`,
      ),
    );
  tell();

  function make(change: Change): Promise<void> {
    if (change.kind === 'bucket' || change.kind === 'versioning') {
      const key = mainKey(keysOf(wish).keys);
      if (!key) throw new UserError('No Exoscale key is set here');
      const where = { bucket: change.name, zone: change.zone };
      return change.kind === 'bucket' ? makeBucket(where, key) : enableVersioning(where, key);
    }
    if (!target) throw new UserError('GITHUB_TOKEN is not set');
    return onGitHub(target, change, secretOf);
  }

  function secretOf({ environment, name, from }: SecretChange): string {
    if (from === undefined) return made;
    const value = name === reviewKey ? wish.variables[from]?.trim() : given(wish, environment, name)?.value;
    if (!value) throw new UserError(`The variable ${from} is not set any more`);
    return value;
  }
}

const isReviewKey = (change: Change): change is Extract<Change, { name: string; environment: string }> =>
  (change.kind === 'secret' || change.kind === 'no secret') && change.name === reviewKey;

type SecretChange = Extract<Change, { kind: 'secret' }>;
type GitHubChange = Exclude<Change, { kind: 'bucket' | 'versioning' }>;

async function onGitHub(
  target: Repository,
  change: GitHubChange,
  secretOf: (change: SecretChange) => string,
): Promise<void> {
  const { octokit, owner, repo } = target;
  const { rest } = octokit;
  const where = { owner, repo };
  const to = describe(change);
  const purpose = { to: `do this: ${to}`, needs: 'administration: write', advice: needed };
  const write = async (work: Parameters<typeof patiently<unknown>>[1], send = patiently<unknown>) => {
    await send(purpose, work).catch((error: Error & { status?: number }) => {
      // It may have happened: the table that follows looks.
      if (error instanceof Unanswered)
        throw new UserError(`GitHub gave no answer to what ${to} (${error.message}): run this again`);
      if (error.status === undefined) throw error;
      throw new UserError(
        `GitHub refuses what ${to} (${error.status}: ${error.message.split('\n')[0]}): the organization or its plan may not allow it, see https://github.com/${owner}/${repo}/settings`,
      );
    });
  };
  switch (change.kind) {
    case 'actions':
      return write(request =>
        octokit.request('PUT /repos/{owner}/{repo}/actions/permissions', {
          ...where,
          ...(change.body as { enabled: boolean }),
          request,
        }),
      );
    case 'workflow permissions':
      return write(request =>
        rest.actions.setGithubActionsDefaultWorkflowPermissionsRepository({
          ...where,
          ...change.body,
          request,
        }),
      );
    case 'environment':
      return write(request =>
        rest.repos.createOrUpdateEnvironment({
          ...{ ...where, environment_name: change.environment },
          ...change.body,
          request,
        }),
      );
    case 'branch':
      return write(request =>
        rest.repos
          .createDeploymentBranchPolicy({
            ...{ ...where, environment_name: change.environment, name: change.branch },
            request,
          })
          .catch(alreadyThere),
      );
    case 'secret': {
      const environment = { ...where, environment_name: change.environment };
      const { data: key } = await patiently(purpose, request =>
        rest.actions.getEnvironmentPublicKey({ ...environment, request }),
      );
      const encrypted_value = await sealed(secretOf(change), key.key);
      return write(request =>
        rest.actions.createOrUpdateEnvironmentSecret({
          ...{ ...environment, secret_name: change.name, encrypted_value, key_id: key.key_id },
          request,
        }),
      );
    }
    case 'no secret':
      return write(request =>
        rest.actions
          .deleteEnvironmentSecret({
            ...{ ...where, environment_name: change.environment, secret_name: change.name },
            request,
          })
          .catch(goneAlready),
      );
    case 'ruleset': {
      const known = await ownRuleset(target);
      const body = { ...where, ...ruleset(change.checks, known) };
      if (known)
        return write(request => rest.repos.updateRepoRuleset({ ...body, ruleset_id: known.id, request }));
      // Sent once: a second one of the same name is refused, and the next run sees whether the first is there.
      return write(request => rest.repos.createRepoRuleset({ ...body, request }), once);
    }
  }
}

/** Octokit takes 303 for an error: https://docs.github.com/en/rest/deployments/branch-policies */
function alreadyThere(error: { status?: number }): { data: unknown } {
  if (error.status === 303) return { data: undefined };
  throw error;
}

/** An answer that was lost has deleted it. */
function goneAlready(error: { status?: number }): { data: unknown } {
  if (error.status === 404) return { data: undefined };
  throw error;
}
