import { ApiError, notFound } from '../errors.ts';
import { type Api, type Params, repositoryOf } from './api.ts';

/** What was attested of digests. https://docs.github.com/en/rest/repos/attestations#list-attestations */
export function attestations({ app, world }: Api): void {
  app.get<{
    Params: Params & { digest: string };
    Querystring: { per_page?: string; predicate_type?: string };
  }>('/repos/:owner/:repo/attestations/:digest', async request => {
    const repository = repositoryOf(world, request.params);
    const { digest } = request.params;
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new ApiError(422, 'Invalid subject digest');
    const { per_page: size = '30', predicate_type: wanted } = request.query;
    const found = repository.attestations
      .filter(each => each.digest === digest && isOf(each.predicateType, wanted))
      .toReversed()
      .slice(0, Math.min(100, Number(size)));
    // It answers so also where a page would be empty.
    if (found.length === 0) throw notFound();
    return { attestations: found.map(({ bundle }) => ({ bundle, repository_id: repository.id })) };
  });
}

const short: Record<string, RegExp> = {
  provenance: /^https:\/\/slsa\.dev\/provenance\//,
  sbom: /^https:\/\/(spdx\.dev|cyclonedx\.org)\//,
  release: /^https:\/\/in-toto\.io\/attestation\/release\//,
};

const isOf = (type: string, wanted: string | undefined): boolean =>
  wanted === undefined || (short[wanted]?.test(type) ?? type === wanted);
