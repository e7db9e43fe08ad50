import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getOctokit } from '@actions/github';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSection } from '../../lib/github/comment.ts';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

/* The pull request and the environment's page are told how an apply ended, also when it could not tell itself. */

const patience = { timeout: 600_000 };
let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** @param command what the second of two resources waits for */
const moduleOf = (command: string) => `${backend}
resource "terraform_data" "one" {}
resource "terraform_data" "two" {
  depends_on = [terraform_data.one]
  provisioner "local-exec" { command = "${command}" }
}
`;

/** A merged pull request that has shown a plan. */
async function merged(name: string, command = 'sleep 2') {
  const module = moduleOf(command);
  const cwd = await world.checkout(name, module);
  const repository = `acme/${name}`;
  await world.github.seed({ [repository]: cwd });
  const people = world.github.repository(repository);
  const token = world.github.token('github-actions[bot]');
  const octokit = getOctokit(token, { baseUrl: world.github.url });
  const inputs = { 'github-token': token, 'review-key': 'a review-key of forty characters or more' };
  const files = { 'terraform/main.tf': `${module}# changed\n` };
  const head = await people.commit({ branch: 'topic', files, message: 'Change' });
  const pullRequest = await people.openPullRequest({ head: 'topic', title: 'Change' });
  const payload = { pull_request: { number: pullRequest, head: { sha: head } } };
  const planned = await world.step('plan', cwd, {
    inputs,
    github: { repository, event: 'pull_request', payload },
  });
  expect(planned.code, planned.log).toBe(0);
  const sha = await people.merge(pullRequest, { method: 'squash' });
  const place = { owner: 'acme', repo: name };
  return {
    cwd,
    apply: (more: Partial<Parameters<TerraformWorld['step']>[2]> = {}) =>
      world.step('apply', cwd, { inputs, github: { repository, event: 'push', sha, runId: '88' }, ...more }),
    byHand: () => world.step('apply', cwd),
    async heading() {
      const found = await readSection(octokit, { repository, pullRequest, section: 'plan staging' });
      return found?.body.split('\n')[0];
    },
    async record() {
      const { data } = await octokit.rest.repos.listDeployments({ ...place, sha });
      expect(data).toHaveLength(1);
      const deployment_id = data[0]?.id ?? 0;
      return (await octokit.rest.repos.listDeploymentStatuses({ ...place, deployment_id })).data[0]?.state;
    },
  };
}

test.each([
  {
    name: 'whole',
    what: 'did all',
    at: 'two: Creation complete',
    said: 'has come to its end after this step was stopped',
    heading: '### staging: 2 created, 0 updated, 0 replaced, 0 destroyed',
    state: 'success',
  },
  {
    name: 'untold',
    what: 'had told that it did all, and nobody had told GitHub',
    at: 'staging: 2 created',
    said: 'staging: 2 created',
    heading: '### staging: 2 created, 0 updated, 0 replaced, 0 destroyed',
    state: 'success',
  },
  {
    name: 'part',
    what: 'was stopped',
    at: 'one: Creation complete',
    said: 'was stopped before its end',
    heading: '### staging: the apply was stopped, see the run',
    state: 'failure',
  },
])(
  'by the clean-up, when main was killed and Terraform $what',
  patience,
  async ({ name, at, said, heading, state }) => {
    const { apply, heading: shown, record } = await merged(name);
    expect(await shown()).toMatch(/^### staging: 2 to create/);
    world.storage.faults.schedule({
      ...{ method: 'PUT', path: `/${name}/staging\\.tfstate(\\?.*)?$`, times: 100 },
      effect: { kind: 'delay', milliseconds: 1500 },
    });
    world.github.faults.schedule({ path: '/', times: 100, effect: { kind: 'delay', milliseconds: 200 } });
    const killed = await apply({
      onLine: (line, main) => {
        if (line.includes(at)) main.kill('SIGKILL');
      },
    });
    world.github.faults.clear();
    expect(killed.code).toBe(137);
    expect(killed.log).toContain(said);
    expect(await shown(), killed.log).toBe(heading);
    expect(await record()).toBe(state);
  },
);

test('by the next apply, when nothing is left to do', patience, async () => {
  const { apply, byHand, heading } = await merged('idle');
  expect((await byHand()).code).toBe(0);
  const idle = await apply();
  expect(idle).toMatchObject({ code: 0, outputs: { changed: 'false' } });
  expect(await heading()).toBe('### staging: nothing is left to do');
});

test(
  'a record that an apply could not end well, by the next one that finds all of it done',
  patience,
  async () => {
    const { apply, byHand, record, cwd } = await merged('ended', 'test -e mended');
    expect((await apply()).code).toBe(1);
    expect(await record()).toBe('failure');
    await writeFile(join(cwd, 'terraform', 'mended'), '');
    expect((await byHand()).code).toBe(0);
    expect(await apply()).toMatchObject({ code: 0, outputs: { changed: 'false' } });
    expect(await record()).toBe('success');
  },
);
