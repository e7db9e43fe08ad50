import { getOctokit } from '@actions/github';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSection } from '../../lib/github/comment.ts';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const reviewKey = 'a key of thirty-two characters at least';
const module = `${backend}
variable "environment" {}
variable "size" { default = 1 }
resource "terraform_data" "many" {
  count = var.size
  input = var.environment
}
`;

/** A checkout of a repository's branch with an open pull request. */
async function reviewed(name: string) {
  const cwd = await world.checkout(name, module);
  const repository = `acme/${name}`;
  await world.github.seed({ [repository]: cwd });
  const people = world.github.repository(repository);
  const push = (text: string) =>
    people.commit({ files: { 'note.md': text }, message: text, branch: 'topic' });
  let sha = await push('one');
  const number = await people.openPullRequest({ head: 'topic', title: 'Change' });
  const token = world.github.token('github-actions[bot]');
  const octokit = getOctokit(token, { baseUrl: world.github.url });
  const place = { owner: 'acme', repo: name };
  return {
    ...{ cwd, octokit, token },
    head: () => sha,
    async push(text: string) {
      sha = await push(text);
    },
    plan: (environment: string, inputs = {}, more = {}, commit = sha) =>
      world.step('plan', cwd, {
        inputs: { environment, 'github-token': token, 'review-key': reviewKey, ...inputs },
        github: {
          ...{ repository, event: 'pull_request', sha: 'e'.repeat(40), runId: '77' },
          payload: { pull_request: { number, head: { sha: commit } } },
        },
        ...more,
      }),
    comments: async () =>
      (await octokit.rest.issues.listComments({ ...place, issue_number: number })).data.map(
        ({ body = '' }) => body,
      ),
    section: (environment: string) =>
      readSection(octokit, { repository, pullRequest: number, section: `plan ${environment}` }),
  };
}

/** What was written to GitHub, in order. */
const mutations = (from: number) =>
  world.github.requests
    .slice(from)
    .flatMap(({ body }) => /"query":"mutation[^"]*?\b(\w+)\(input:/.exec(body)?.[1] ?? []);

test('the plans of all environments stand in one comment, each with its commit and what apply compares with', async () => {
  const { plan, comments, section, head } = await reviewed('reviewed');
  await plan('staging', { 'dry-run': 'true' });
  expect(await comments()).toEqual([]);

  const both = await Promise.all([plan('staging'), plan('production')]);
  for (const { code, log } of both) expect(code, log).toBe(0);
  const [body = '', ...others] = await comments();
  expect(others).toEqual([]);
  expect(body).toContain('### staging: 1 to create, 0 to update, 0 to replace, 0 to destroy');
  expect(body).toContain('### production: 1 to create, 0 to update, 0 to replace, 0 to destroy');
  expect(body).toContain('+ terraform_data.many[0]\n+   input = "staging"\n');
  expect(body).toContain(
    `commit ${head().slice(0, 7)} · [the run](https://github.com/acme/reviewed/actions/runs/77)`,
  );
  for (const environment of ['staging', 'production'])
    expect(await section(environment)).toMatchObject({
      commit: head(),
      data: expect.stringMatching(/^[\w-]{100,}\.[\w-]+$/),
    });

  const from = world.github.requests.length;
  const { code, log } = await plan('staging');
  expect(code, log).toBe(0);
  expect(mutations(from)).toEqual([]);
  expect(new Set(world.github.requests.slice(from).map(({ method, url }) => `${method} ${url}`))).toEqual(
    new Set(['POST /graphql']),
  );
  expect(world.github.complaints).toEqual([]);
});

test('a new commit: the old plan is taken back as soon as the new one begins; one that fails says so', async () => {
  const { plan, comments, section, head, push, cwd } = await reviewed('pushed');
  await Promise.all([plan('staging'), plan('production')]);
  const old = head();
  await push('two');
  let during: string[] | undefined;
  const from = world.github.requests.length;
  const second = await plan(
    'staging',
    {},
    {
      onLine(line: string) {
        if (line.includes('Prepare Terraform') && !during) during = mutations(from);
      },
    },
  );
  expect(second.code, second.log).toBe(0);
  expect(during).toEqual(['updateIssueComment']);
  const anew = world.github.requests.slice(from).find(({ body }) => body.includes('being planned anew'));
  expect(anew?.body).toContain(
    `### staging: being planned anew\\n\\ncommit ${head().slice(0, 7)} · [the run]`,
  );
  expect(anew?.body).not.toContain('staging: 1 to create');
  const note = `What follows was made for commit ${old.slice(0, 7)}. The pull request is at ${head().slice(0, 7)} by now.`;
  const [body = ''] = await comments();
  expect(body.split(note)).toHaveLength(2);
  expect(body.indexOf(note)).toBeLessThan(body.indexOf('### production'));
  expect(body.indexOf('### production')).toBeLessThan(body.indexOf('### staging: 1 to create'));

  // A job for the old commit that is late leaves the new plan alone.
  const newer = await section('staging');
  expect((await plan('staging', {}, {}, old)).code).toBe(0);
  expect(await section('staging')).toEqual(newer);

  await world.edit(cwd, 'terraform/main.tf', 'default = 1', 'default = nowhere');
  expect((await plan('production')).code).toBe(1);
  expect(await section('production')).toEqual({
    body: `### production: the plan failed\n\ncommit ${head().slice(0, 7)} · [the run](https://github.com/acme/pushed/actions/runs/77)`,
    commit: head(),
  });
  expect((await comments())[0]).not.toContain('[!NOTE]');

  await push('three');
  expect((await plan('staging', { platform: 'nowhere.yaml' })).code).toBe(1);
  expect((await section('staging'))?.body).toMatch(/^### staging: the plan failed/);
  expect(world.github.complaints).toEqual([]);
});

test('a plan that breaks a rule is shown with what it breaks above the fold, and then fails the job', async () => {
  const { plan, section, cwd } = await reviewed('ruled');
  expect((await world.step('apply', cwd)).code).toBe(0);
  await world.edit(cwd, 'terraform/main.tf', 'default = 1', 'default = 0');
  await world.edit(
    cwd,
    'platform.yaml',
    '  staging:\n',
    '  staging:\n    protect: [terraform_data.many]\n    max-destroys: 0\n',
  );
  const { code, annotations, summary, log, outputs } = await plan('staging');
  expect(code).toBe(1);
  expect(outputs).toMatchObject({ changes: 'true', destroy: '1' });
  const errors = annotations.filter(({ level }) => level === 'error').map(({ message }) => message);
  expect(errors).toEqual([
    expect.stringContaining('terraform_data.many[0]'),
    expect.stringContaining('max-destroys'),
  ]);
  expect(log).toContain('- terraform_data.many[0]');
  const body = (await section('staging'))?.body ?? '';
  for (const shown of [summary, body]) {
    expect(shown).toMatch(
      /^### staging: .*1 to destroy\n\n> \[!CAUTION\]\n> \*\*This must not be applied: it breaks 2 rules\.\*\*\n>\n> - `terraform_data\.many\[0\]/,
    );
    expect(shown).toContain('- terraform_data.many[0]  # destroyed');
  }
});

test.runIf(process.platform === 'linux')(
  'a configuration that reads the environment of Terraform shows no key of ours in the comment',
  async () => {
    const { plan, section, cwd } = await reviewed('environ');
    const reading = 'input = split("\\u0000", file("/proc/self/environ"))';
    await world.edit(cwd, 'terraform/main.tf', 'input = var.environment', reading);
    expect((await plan('staging')).code).toBe(0);
    const body = (await section('staging'))?.body ?? '';
    expect(body).toContain('EXOSCALE_API_SECRET=***');
    expect(body).not.toContain(world.secret);
  },
);

test('without a review-key, and without a token, one notice each says what is missing', async () => {
  const { plan, section } = await reviewed('keyless');
  const notices = async (inputs: Record<string, string>) =>
    (await plan('staging', inputs)).annotations
      .map(({ message }) => message)
      .filter(message => message.includes('without the input') || message.includes('Without the input'));
  expect(await notices({ 'review-key': '' })).toEqual([
    expect.stringContaining('Without the input review-key'),
  ]);
  expect(await section('staging')).not.toHaveProperty('data');
  expect(await notices({ 'github-token': '' })).toEqual([
    expect.stringContaining('There is no comment on the pull request without the input github-token'),
  ]);
});

test('a token that may not comment fails at once, before anything is planned', async () => {
  const { plan } = await reviewed('forbidden');
  const errors = [{ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }];
  world.github.faults.schedule({
    path: '/graphql',
    effect: { kind: 'status', status: 200, body: { errors } },
  });
  const { code, annotations, log } = await plan('staging');
  expect(code).toBe(1);
  expect(annotations).toEqual([
    { level: 'error', message: expect.stringContaining('permissions: { pull-requests:') },
  ]);
  expect(log).not.toContain('Prepare Terraform');
});
