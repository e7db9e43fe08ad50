import type { PlatformFile } from '../platform/platform.ts';
import { repositorySlug } from '../platform/platform.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import { type Demand, targetOf, type Workflows } from './workflows.ts';

/** What is asked for, by platform.yaml, by the workflows, and on the command line. */
export interface Wish {
  platform: PlatformFile;
  workflows: Workflows;
  /** Logins who are to approve where a reviewer is wanted. */
  reviewers: readonly string[];
  /** Names of secrets that are set although they are there. */
  rotate: readonly string[];
  /** The variables of the terminal. */
  variables: Readonly<Record<string, string | undefined>>;
}

/** The secret that is made here and that nobody has to know. */
export const reviewKey = 'REVIEW_KEY';

export const slugOf = ({ platform }: Wish): string => repositorySlug(platform.repository);

/**
 * The variables that a secret of an environment is read from, the first that is set. `production-plan` and its like take no
 * plain `EXOSCALE_API_KEY`: that is the key which may write.
 */
export function sources(
  { platform }: Wish,
  environment: string,
  secret: string,
): [own: string, shared: string] {
  const target = targetOf(environment, Object.keys(platform.environments));
  const upper = (text: string) => text.toUpperCase().replaceAll('-', '_');
  return [
    `${upper(environment)}_${secret}`,
    target === undefined || target === environment || secret === reviewKey
      ? secret
      : `${upper(environment.slice(target.length + 1))}_${secret}`,
  ];
}

/** Where a secret comes from; undefined when no variable holds it. */
export function given(
  wish: Wish,
  environment: string,
  secret: string,
): { variable: string; value: string } | undefined {
  for (const variable of sources(wish, environment, secret)) {
    const value = wish.variables[variable]?.trim();
    if (value) return { variable, value };
  }
  return undefined;
}

/**
 * Whether an environment needs a secret that a job in it reads.
 * @param isPrivate whether a repository that Argo CD reads is
 */
export function needs(wish: Wish, demand: Demand, secret: string, isPrivate: boolean): boolean {
  const { platform } = wish;
  if (secret === 'REPOSITORY_TOKEN') return isPrivate;
  // Nobody who is asked here knows whether an image is private: whoever has such sets the variable.
  if (secret === 'REGISTRY_TOKEN') return given(wish, demand.environment, secret) !== undefined;
  const users = demand.secrets.get(secret) ?? new Set();
  if (users.size !== 1 || !users.has('promote')) return true;
  // Promotions look into a cluster where a gate asks what runs there.
  return [...demand.targets].some(name => {
    const promote = platform.environments[name]?.promote;
    return promote?.healthy === true || promote?.soak !== undefined;
  });
}

/** The environments that need a secret, whatever repositories there are. */
export const demandsFor = (wish: Wish, secret: string): Demand[] =>
  wish.workflows.demands.filter(demand => demand.secrets.has(secret) && needs(wish, demand, secret, false));

/** @throws UserErrors for what is asked for on the command line and cannot be */
export function assertPossible(wish: Wish): void {
  const known = [...new Set(wish.workflows.demands.flatMap(({ secrets }) => [...secrets.keys()]))].sort();
  const errors = wish.rotate.flatMap(name => {
    if (!known.includes(name))
      return [new UserError(`No workflow reads a secret ${name}: --rotate takes one of ${known.join(', ')}`)];
    const readers = wish.workflows.demands.filter(({ secrets }) => secrets.has(name));
    if (name === reviewKey || readers.some(({ environment }) => given(wish, environment, name))) return [];
    const variables = new Set(readers.flatMap(({ environment }) => sources(wish, environment, name)));
    return [
      new UserError(
        `There is no new value for ${name}: set one of the variables ${[...variables].join(', ')}`,
      ),
    ];
  });
  if (errors.length > 0) throw new UserErrors(errors);
}

/** What must not be printed, whatever is asked for. */
export const secretValues = (wish: Wish): string[] =>
  wish.workflows.demands.flatMap(({ environment, secrets }) =>
    [...secrets.keys()].flatMap(secret => given(wish, environment, secret)?.value ?? []),
  );
