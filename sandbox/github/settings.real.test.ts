import sodium from 'libsodium-wrappers';
import { afterAll, expect, test } from 'vitest';
import { testHub } from './testing.ts';

/* What stands under "Settings", through GitHub's own client. */

const hub = await testHub();
afterAll(() => hub[Symbol.asyncDispose]());

async function administered(name: string) {
  const { place, as, people } = await hub.seeded(name);
  people.administer('owner');
  return { place, people, rest: as('owner').rest, as };
}

const refused = (status: number, message: string | RegExp = '') =>
  expect.objectContaining({ status, message: expect.stringMatching(message) });

test('who does not administer a repository sees and changes none of its settings', async () => {
  const { place, as } = await administered('closed');
  for (const [login, why] of [
    ['octocat', 'Must have admin rights'],
    ['github-actions[bot]', 'not accessible by integration'],
  ] as const) {
    const { rest } = as(login);
    const environment = { ...place, environment_name: 'staging' };
    for (const work of [
      () => rest.actions.getGithubActionsPermissionsRepository(place),
      () => rest.actions.getGithubActionsDefaultWorkflowPermissionsRepository(place),
      () => rest.repos.getAllEnvironments(place),
      () => rest.repos.createOrUpdateEnvironment(environment),
      () => rest.actions.listEnvironmentSecrets(environment),
      () => rest.repos.createRepoRuleset({ ...place, ...ruleset }),
    ])
      await expect(work()).rejects.toEqual(refused(403, why));
  }
});

test('an environment is all that the last PUT said, and lets in the branches that are named', async () => {
  const { place, rest, as } = await administered('environments');
  const environment = { ...place, environment_name: 'staging' };
  const put = (more: object) => rest.repos.createOrUpdateEnvironment({ ...environment, ...more });
  const both = { protected_branches: true, custom_branch_policies: true };
  await expect(put({ deployment_branch_policy: both })).rejects.toEqual(refused(422, 'same value'));
  await expect(put({ reviewers: [{ type: 'User', id: 1 }] })).rejects.toEqual(refused(422, 'no user'));
  await expect(rest.repos.getEnvironment(environment)).rejects.toEqual(refused(404));

  const { data: owner } = await as('owner').rest.users.getAuthenticated();
  const own = { protected_branches: false, custom_branch_policies: true };
  const first = await put({ reviewers: [{ type: 'User', id: owner.id }], deployment_branch_policy: own });
  expect(first.data.protection_rules).toMatchObject([
    { type: 'required_reviewers', reviewers: [{ reviewer: { login: 'owner' } }] },
    { type: 'branch_policy' },
  ]);
  await rest.repos.createDeploymentBranchPolicy({ ...environment, name: 'main' });
  const { data } = await rest.repos.listDeploymentBranchPolicies(environment);
  expect(data).toMatchObject({ total_count: 1, branch_policies: [{ name: 'main', type: 'branch' }] });

  expect((await put({})).data).toMatchObject({ protection_rules: [], deployment_branch_policy: null });
  await expect(rest.repos.createDeploymentBranchPolicy({ ...environment, name: 'main' })).rejects.toEqual(
    refused(404),
  );
});

test('a secret comes in a sealed box for the key of its environment, and in nothing else', async () => {
  await sodium.ready;
  const { place, rest, people } = await administered('secrets');
  const keys = await Promise.all(
    ['staging', 'production'].map(async environment_name => {
      await rest.repos.createOrUpdateEnvironment({ ...place, environment_name });
      return (await rest.actions.getEnvironmentPublicKey({ ...place, environment_name })).data;
    }),
  );
  const [own, other] = keys;
  const { ORIGINAL } = sodium.base64_variants;
  const seal = (key = '') =>
    sodium.to_base64(sodium.crypto_box_seal('välue', sodium.from_base64(key, ORIGINAL)), ORIGINAL);
  const put = (secret_name: string, encrypted_value: string, key_id = '') =>
    rest.actions.createOrUpdateEnvironmentSecret({
      ...place,
      environment_name: 'staging',
      secret_name,
      encrypted_value,
      key_id,
    });

  await expect(put('A', seal(own?.key), other?.key_id)).rejects.toEqual(refused(422, 'key_id'));
  await expect(put('A', seal(other?.key), own?.key_id)).rejects.toEqual(refused(422, 'Improperly encrypted'));
  await expect(put('A', 'plain', own?.key_id)).rejects.toEqual(refused(422, 'Improperly encrypted'));
  await expect(put('GITHUB_A', seal(own?.key), own?.key_id)).rejects.toEqual(refused(422, 'Secret names'));
  expect((await put('A', seal(own?.key), own?.key_id)).status).toBe(201);
  expect((await put('a', seal(own?.key), own?.key_id)).status).toBe(204);
  expect(people.secret('staging', 'A')).toBe('välue');
  const { data } = await rest.actions.listEnvironmentSecrets({ ...place, environment_name: 'staging' });
  expect(data).toMatchObject({ total_count: 1, secrets: [{ name: 'A' }] });
  expect(JSON.stringify(data)).not.toContain('välue');
});

test('what Actions may do is as it was set, and a PUT that leaves something out leaves it as it is', async () => {
  const { place, rest } = await administered('actions');
  await rest.actions.setGithubActionsDefaultWorkflowPermissionsRepository({
    ...place,
    can_approve_pull_request_reviews: true,
  });
  await rest.actions.setGithubActionsDefaultWorkflowPermissionsRepository({
    ...place,
    default_workflow_permissions: 'write',
  });
  expect((await rest.actions.getGithubActionsDefaultWorkflowPermissionsRepository(place)).data).toEqual({
    default_workflow_permissions: 'write',
    can_approve_pull_request_reviews: true,
  });
  await rest.actions.setGithubActionsPermissionsRepository({
    ...place,
    enabled: true,
    allowed_actions: 'local_only',
  });
  expect((await rest.actions.getGithubActionsPermissionsRepository(place)).data).toEqual({
    ...{ enabled: true, allowed_actions: 'local_only', sha_pinning_required: false },
  });
});

const ruleset = {
  name: 'main',
  target: 'branch' as const,
  enforcement: 'active' as const,
  conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
  rules: [
    {
      type: 'required_status_checks' as const,
      parameters: {
        strict_required_status_checks_policy: false,
        required_status_checks: [{ context: 'test' }],
      },
    },
  ],
};

test('a ruleset holds: no commit past the check, and no merge before it has passed', async () => {
  const { place, rest, people, as } = await administered('rules');
  await rest.repos.createRepoRuleset({ ...place, ...ruleset });
  await expect(rest.repos.createRepoRuleset({ ...place, ...ruleset })).rejects.toEqual(
    refused(422, 'unique'),
  );
  const { data: rules } = await rest.repos.getBranchRules({ ...place, branch: 'main' });
  expect(rules).toMatchObject([{ type: 'required_status_checks', ruleset_source: 'acme/rules' }]);
  expect((await rest.repos.getBranchRules({ ...place, branch: 'topic' })).data).toEqual([]);
  await expect(rest.repos.getBranchProtection({ ...place, branch: 'main' })).rejects.toEqual(refused(404));

  const head_sha = await people.commit({ branch: 'topic', files: { a: 'b' }, message: 'Change' });
  await expect(rest.repos.merge({ ...place, base: 'main', head: 'topic' })).rejects.toEqual(
    refused(409, 'pull request'),
  );
  const number = await people.openPullRequest({ head: 'topic', title: 'Change' });
  await expect(people.merge(number)).rejects.toThrow('Required status check "test" is expected');
  await as('github-actions[bot]').rest.checks.create({
    ...place,
    name: 'test',
    head_sha,
    conclusion: 'success',
  });
  await people.merge(number);
  expect(await people.file('a')).toBe('b');
});
