import { query, type Repository } from './repository.ts';

const purpose = { to: 'read branches', needs: 'contents: read' };

interface Answer {
  repository: {
    ref: { compare: { commits: { nodes: { oid: string; message: string }[] } } | null } | null;
    pullRequests: { totalCount: number };
  };
}

/** What a branch has and its base has not. */
export interface Ahead {
  /** Of the latest hundred commits, the newest first. */
  messages: string[];
  /** The newest of them, which these messages are about; undefined where there is none. */
  head: string | undefined;
  /** Whether a pull request is open that would merge them. */
  isOpen: boolean;
}

export async function ahead(target: Repository, base: string, branch: string): Promise<Ahead> {
  const { owner, repo } = target;
  const { repository } = await query<Answer>(
    target,
    purpose,
    `query($owner: String!, $repo: String!, $ref: String!, $base: String!, $head: String!, $branch: String!) {
  repository(owner: $owner, name: $repo) {
    ref(qualifiedName: $ref) { compare(headRef: $head) { commits(last: 100) { nodes { oid message } } } }
    pullRequests(states: OPEN, baseRefName: $base, headRefName: $branch) { totalCount }
  }
}`,
    { owner, repo, base, branch, ref: `refs/heads/${base}`, head: `refs/heads/${branch}` },
  );
  const nodes = repository.ref?.compare?.commits.nodes ?? [];
  return {
    head: nodes.at(-1)?.oid,
    messages: nodes.map(({ message }) => message).reverse(),
    isOpen: repository.pullRequests.totalCount > 0,
  };
}
