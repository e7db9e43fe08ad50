import type { Octokit } from '../runner/runner.ts';
import { once, type Purpose, patiently } from './call.ts';

/** One repository as one token sees it. */
export interface Repository {
  octokit: Octokit;
  owner: string;
  repo: string;
}

/** @param slug `owner/name` */
export function repository(octokit: Octokit, slug: string): Repository {
  const [owner = '', repo = ''] = slug.split('/');
  return { octokit, owner, repo };
}

/** A GraphQL query, sent again until there is an answer. */
export const query = <T>(
  { octokit }: Repository,
  purpose: Purpose,
  text: string,
  variables: Variables,
): Promise<T> => patiently(purpose, request => octokit.graphql<T>(text, { ...variables, request }));

/** A GraphQL mutation, sent once. */
export const mutate = <T>(
  { octokit }: Repository,
  purpose: Purpose,
  text: string,
  variables: Variables,
): Promise<T> => once(purpose, request => octokit.graphql<T>(text, { ...variables, request }));

type Variables = Record<string, unknown>;
