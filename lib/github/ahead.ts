import { query, type Repository } from './repository.ts';

const purpose = { to: 'read branches', needs: 'contents: read' };

interface Answer {
  repository: { ref: { compare: { commits: { nodes: { message: string }[] } } | null } | null };
}

/** The messages of the latest hundred commits that a branch has and another has not, the newest first. */
export async function messagesAhead(target: Repository, base: string, branch: string): Promise<string[]> {
  const { owner, repo } = target;
  const answer = await query<Answer>(
    target,
    purpose,
    `query($owner: String!, $repo: String!, $base: String!, $head: String!) {
  repository(owner: $owner, name: $repo) {
    ref(qualifiedName: $base) { compare(headRef: $head) { commits(last: 100) { nodes { message } } } }
  }
}`,
    { owner, repo, base: `refs/heads/${base}`, head: `refs/heads/${branch}` },
  );
  const nodes = answer.repository.ref?.compare?.commits.nodes ?? [];
  return nodes.map(({ message }) => message).reverse();
}
