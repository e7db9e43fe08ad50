import { failure, patiently } from './call.ts';
import type { Repository } from './repository.ts';

/**
 * The Sigstore bundles of the provenances that a repository has of a digest, unverified, the newest hundred.
 * https://docs.github.com/en/rest/repos/attestations
 * @param digest `sha256:…`
 */
export async function attestationsOf(target: Repository, digest: string): Promise<unknown[]> {
  const { octokit, owner, repo } = target;
  const purpose = { to: `read the attestations of ${owner}/${repo}`, needs: 'attestations: read' };
  const { data } = await patiently(purpose, request =>
    octokit.rest.repos.listAttestations({
      ...{ owner, repo, subject_digest: digest, predicate_type: 'provenance', per_page: 100, request },
    }),
  ).catch(error => {
    // There is none, or the token does not see the repository: either way nobody vouches for it.
    if (failure(error).status === 404) return { data: { attestations: [] } };
    throw error;
  });
  return (data.attestations ?? []).flatMap(({ bundle }) => (bundle ? [bundle] : []));
}
