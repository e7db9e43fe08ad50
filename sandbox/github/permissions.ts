/*
 * What a job's token may do. https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
 * Of what is public everything may be read; metadata of whatever the token reaches.
 */

/** As under a job's `permissions:`. */
export type Grants = Readonly<Record<string, string>>;

export const refusal = 'Resource not accessible by integration';

/** By the path within a repository, the first that fits: which of these permissions lets it through. */
const paths: [RegExp, string[]][] = [
  [/^\/issues\/(comments\/)?\d+/, ['issues', 'pull-requests']],
  [/^\/issues\b/, ['issues']],
  [/^\/pulls\/\d+\/merge$/, ['contents']],
  [/^(\/pulls\b|\/commits\/[^/]+\/pulls$)/, ['pull-requests']],
  [/^(\/check-runs\b|\/commits\/[^/]+\/check-runs$)/, ['checks']],
  [/^(\/statuses\/|\/commits\/[^/]+\/status(es)?$)/, ['statuses']],
  [/^\/deployments\b/, ['deployments']],
  [/^\/actions\//, ['actions']],
  [/^\/attestations\//, ['attestations']],
  [/^\/(branches|commits|compare|contents|git|merges)\b/, ['contents']],
];

/** @param url with the path of the API: `/repos/acme/platform/issues` */
export function mayRequest(grants: Grants, method: string, url: string, isPrivate: boolean): boolean {
  const path = /^\/repos\/[^/]+\/[^/?]+([^?]*)/.exec(url)?.[1];
  const names = paths.find(([pattern]) => path !== undefined && pattern.test(path))?.[1];
  return names === undefined || allows(grants, names, method === 'GET' ? 'read' : 'write', isPrivate);
}

/** By the type and its field. */
const fields: Record<string, string[]> = {
  'Mutation.createCommitOnBranch': ['contents'],
  'Mutation.mergePullRequest': ['contents'],
  'Mutation.createPullRequest': ['pull-requests'],
  'Mutation.updatePullRequest': ['pull-requests'],
  'Mutation.addComment': ['issues', 'pull-requests'],
  'Mutation.updateIssueComment': ['issues', 'pull-requests'],
  'Mutation.deleteIssueComment': ['issues', 'pull-requests'],
  'Repository.issues': ['issues'],
  'Repository.pullRequest': ['pull-requests'],
  'Repository.pullRequests': ['pull-requests'],
  'Repository.object': ['contents'],
  'Repository.ref': ['contents'],
  'Repository.refs': ['contents'],
};

/** @param field `Mutation.createCommitOnBranch` */
export const mayResolve = (grants: Grants, field: string, isPrivate: boolean): boolean =>
  !fields[field] ||
  allows(grants, fields[field], field.startsWith('Mutation.') ? 'write' : 'read', isPrivate);

function allows(
  grants: Grants,
  names: readonly string[],
  level: 'read' | 'write',
  isPrivate: boolean,
): boolean {
  if (level === 'read' && !isPrivate) return true;
  return names.some(name => grants[name] === 'write' || (level === 'read' && grants[name] === 'read'));
}
