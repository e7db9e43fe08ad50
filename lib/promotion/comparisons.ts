import { type Between, commitsBetween, type Range } from '../github/between.ts';
import { repositorySlug } from '../platform/platform.ts';
import type { Octokit } from '../runner/runner.ts';
import type { Move } from './plan.ts';

/** What is shown of the commits between two revisions of a service. */
export interface Comparison {
  /** The service's repository, as an address. */
  repository: string;
  /** GitHub's page of the comparison. */
  compare: string;
  between: Between;
}

/** By the services of moves; a move without a new revision has none. */
export type Comparisons = ReadonlyMap<string, Comparison>;

// A person reads so many services' commits; the others are links.
const most = 20;

/**
 * @param octokit none where GitHub cannot be asked
 * @param repositories the address of each service's repository
 */
export function comparing(
  octokit: Octokit | undefined,
  repositories: Readonly<Record<string, string>>,
): (moves: readonly Move[]) => Promise<Comparisons> {
  const known = new Map<string, Between>();
  return async moves => {
    const steps = moves.flatMap(({ pin: { service }, changes }) => {
      const revision = changes.find(({ what }) => what === 'revision');
      const repository = repositories[service];
      if (!revision || !repository) return [];
      const range: Range = { slug: repositorySlug(repository), from: revision.before, to: revision.after };
      return [{ service, repository, range, key: Object.values(range).join(' ') }];
    });
    const unknown = steps.slice(0, most).filter(({ key }) => !known.has(key));
    const found = octokit
      ? await look(
          octokit,
          unknown.map(({ range }) => range),
        )
      : [];
    unknown.forEach(({ key }, index) => {
      const between = found[index];
      if (between) known.set(key, between);
    });
    return new Map(
      steps.map(({ service, repository, range: { from, to }, key }) => [
        service,
        {
          repository,
          compare: `${repository}/compare/${path(from)}...${path(to)}`,
          between: known.get(key) ?? { known: false, why: '' },
        },
      ]),
    );
  };
}

/** The commits explain a promotion; that they cannot be read is no reason not to make it. */
const look = (octokit: Octokit, ranges: readonly Range[]): Promise<Between[]> =>
  commitsBetween(octokit, ranges).catch(() =>
    ranges.map(() => ({ known: false, why: 'GitHub did not tell the commits' })),
  );

const path = (revision: string): string => revision.split('/').map(encodeURIComponent).join('/');
