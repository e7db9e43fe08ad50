import { expect, test } from 'vitest';
import { commit, ProtectedBranch } from './commit.ts';
import type { Repository } from './repository.ts';

/** GitHub, which refuses the commit with these words. */
const refusing = (type: string, message: string): Repository => ({
  ...{ owner: 'acme', repo: 'platform' },
  octokit: {
    graphql: async () => {
      throw Object.assign(new Error(message), { errors: [{ type, message }] });
    },
  } as unknown as Repository['octokit'],
});
const plan = async () => ({
  ...{ head: 'a'.repeat(40), message: { headline: 'x' } },
  files: [{ path: 'x', bytes: Buffer.from('x') }],
});

test.each([
  'Repository rule violations found\n\nChanges must be made through a pull request.',
  'Protected branch update failed for refs/heads/main.',
  'Cannot update this protected ref.',
  'Changes must be made through the merge queue',
  "You're not authorized to push to this branch. Visit https://docs.github.com/articles/about-protected-branches/",
  'At least 1 approving review is required by reviewers with write access.',
  'Required status check "ci" is expected.',
])('a branch that takes no commits is told as that, and its words are kept on one line: %j', async words => {
  const made = commit(refusing('UNPROCESSABLE', words), 'main', plan);
  await expect(made).rejects.toThrow(new ProtectedBranch(words.replace(/\s+/g, ' ')));
});

test.each([
  ['UNPROCESSABLE', 'A path was requested for deletion which does not exist', /^A path was requested/],
  ['FORBIDDEN', 'Resource not accessible by integration', /^The github-token may not commit to main/],
])('anything else is no protection: %s %s', async (type, words, message) => {
  const made = commit(refusing(type, words), 'main', plan);
  await expect(made).rejects.toThrow(message);
  await expect(made).rejects.not.toThrow(ProtectedBranch);
});
