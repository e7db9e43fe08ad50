import { join } from 'node:path';
import type { TrustedRoot } from '@sigstore/protobuf-specs';
import { attestationsOf } from '../../../github/attestations.ts';
import { type Repository, repository } from '../../../github/repository.ts';
import { type PlatformFile, type Promotion, repositorySlug } from '../../../platform/platform.ts';
import type { Runner } from '../../../runner/runner.ts';
import { attestationKey } from '../attestation.ts';
import type { Candidate } from '../candidate.ts';
import { passed, type Verdict, waits } from '../gate.ts';
import { publicTrustedRoots, readTrustedRoots } from './trusted-root.ts';
import { type Expected, refusal } from './verify.ts';

type Settings = NonNullable<Promotion['attestation']>;

/**
 * Looks for an attestation of every digest, and verifies it.
 * @param folder where platform.yaml is
 */
export async function observeAttestations(
  runner: Runner,
  remote: Repository,
  services: PlatformFile['services'],
  settings: Settings,
  candidates: readonly Candidate[],
  folder: string,
): Promise<Map<string, Verdict>> {
  const wanted = candidates.flatMap(({ service, own }) => {
    const url = services[service]?.repository;
    return [...new Set(own.map(({ after }) => after.digest))].flatMap(digest =>
      digest && url ? [{ service, digest, url }] : [],
    );
  });
  if (wanted.length === 0) return new Map();
  const given = settings['trusted-root'];
  const roots = given
    ? await readTrustedRoots(join(folder, given))
    : await publicTrustedRoots(join(await runner.folder(), 'sigstore'));
  const found = new Map<string, Verdict>();
  for (const { service, digest, url } of wanted) {
    const slug = repositorySlug(url);
    const { workflow, ref } = settings;
    const expected = {
      digest,
      repository: `https://github.com/${slug}`,
      workflow: workflow.startsWith('.github/') ? `${slug}/${workflow}` : workflow,
      ref,
    };
    const bundles = await attestationsOf(repository(remote.octokit, slug), digest);
    found.set(attestationKey(service, digest), verdict(bundles, expected, roots));
  }
  return found;
}

function verdict(bundles: readonly unknown[], expected: Expected, roots: readonly TrustedRoot[]): Verdict {
  const { workflow, ref, digest, repository: url } = expected;
  if (bundles.length === 0)
    return waits(`${digest} has no attestation in ${repositorySlug(url)} that the github-token sees`);
  const refusals = bundles.map(bundle => refusal(bundle, expected, roots));
  const builder = `${workflow}${ref ? `@${ref}` : ''}`;
  if (refusals.includes(undefined)) return passed(`attested by ${builder}`);
  return waits(`no attestation of it is ${builder}'s: ${[...new Set(refusals)].join('; ')}`);
}
