import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { getOctokit } from '@actions/github';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSection } from '../../lib/github/comment.ts';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

/* What apply does with what a pull request has shown: docs/terraform.md promises it, case by case. */

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const key = 'a review-key of forty characters or more';
const module = `${backend}
variable "environment" {}
resource "terraform_data" "many" {
  count = 2
  input = "one"
}
output "last" {
  value = terraform_data.many[1].id
}
`;

/**
 * A repository whose pull request changes `terraform/`, and a checkout of it.
 * @param root the root module; the platform's own when it is empty
 */
async function opened(name: string, { root = module, touches = 'terraform/main.tf' } = {}) {
  const cwd = await world.checkout(name, root || undefined);
  const repository = `acme/${name}`;
  await world.github.seed({ [repository]: cwd });
  const people = world.github.repository(repository);
  const token = world.github.token('github-actions[bot]');
  const octokit = getOctokit(token, { baseUrl: world.github.url });
  const place = { owner: 'acme', repo: name };
  const push = (text: string) =>
    people.commit({ branch: 'topic', files: { [touches]: `${root}# ${text}\n` }, message: text });
  let head = await push('first');
  const number = await people.openPullRequest({ head: 'topic', title: 'Change' });
  const plan = (number: number, head: string) =>
    world.step('plan', cwd, {
      inputs: { 'github-token': token, 'review-key': key },
      github: {
        repository,
        event: 'pull_request',
        payload: { pull_request: { number, head: { sha: head } } },
      },
    });

  return {
    ...{ cwd, people, octokit, place, number },
    async push(text: string) {
      head = await push(text);
      return head;
    },
    async planned() {
      const result = await plan(number, head);
      expect(result.code, result.log).toBe(0);
      return result;
    },
    /** Another pull request, which changes what is there; planned and merged. */
    async next(): Promise<string> {
      await world.edit(cwd, 'terraform/main.tf', 'input = "one"', 'input = "two"');
      const files = { 'terraform/main.tf': '# 2\n' };
      const sha = await people.commit({ branch: 'next', files, message: '2' });
      const another = await people.openPullRequest({ head: 'next', title: 'Next' });
      expect((await plan(another, sha)).code).toBe(0);
      return people.merge(another, { method: 'squash' });
    },
    merged: (method: 'merge' | 'squash' | 'rebase' = 'squash') => people.merge(number, { method }),
    /** The run that a push of this commit to main starts. */
    apply: (sha: string, inputs: Record<string, string> = {}, more: Parameters<typeof world.step>[2] = {}) =>
      world.step('apply', cwd, {
        inputs: { 'github-token': token, 'review-key': key, ...inputs },
        github: { repository, event: 'push', sha, runId: '88' },
        ...more,
      }),
    section: () => readSection(octokit, { repository, pullRequest: number, section: 'plan staging' }),
    async comment() {
      const { data } = await octokit.rest.issues.listComments({ ...place, issue_number: number });
      return data[0];
    },
    state: () => world.object(`${name}/staging.tfstate`),
  };
}

type Result = Awaited<ReturnType<Awaited<ReturnType<typeof opened>>['apply']>>;

const errors = ({ annotations }: Result): string[] =>
  annotations.filter(({ level }) => level === 'error').map(({ message }) => message);
const warnings = ({ annotations }: Result): string[] =>
  annotations.filter(({ level }) => level === 'warning').map(({ message }) => message);

/** Whatever runs Terraform's binary in a checkout. */
function killTerraform(cwd: string): void {
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name)))
    try {
      const isOurs = readlinkSync(`/proc/${pid}/cwd`).startsWith(cwd);
      if (isOurs && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('terraform\0'))
        process.kill(Number(pid), 'SIGKILL');
    } catch {} // gone meanwhile
}

/** Refused, with nothing but these reasons, and nothing was changed. */
function refused(result: Result, ...reasons: (string | RegExp)[]): void {
  expect(result.code, result.log).toBe(1);
  expect(errors(result)).toEqual([
    ...reasons.map(each => expect.stringMatching(each)),
    expect.stringContaining('Nothing was applied: read the plan above'),
  ]);
  expect(result.log).not.toContain('Creation complete');
}

function applied(result: Result, line = 'staging: 2 created, 0 updated, 0 replaced, 0 destroyed'): void {
  expect(result.code, result.log).toBe(0);
  expect(result.outputs.changed).toBe('true');
  expect(result.log).toContain(line);
}

describe('what the pull request has shown', () => {
  test('is applied at its merge; the comment and the environment’s page say so; run again, there is nothing to do', async () => {
    const { planned, merged, apply, section, octokit, place } = await opened('same');
    await planned();
    const before = await section();
    const sha = await merged();
    const first = await apply(sha);
    applied(first);
    expect(first.log).toContain('This is what pull request #1 has shown');
    const after = await section();
    expect(after?.body).toMatch(/^### staging: 2 created, 0 updated, 0 replaced, 0 destroyed/);
    expect(after?.body).toContain('[the run](https://github.com/acme/same/actions/runs/88)');
    expect(after?.body).toContain('+ terraform_data.many[1]');
    // From then on it says that an apply has begun.
    expect(after?.data).not.toBe(before?.data);
    expect(after?.data).toMatch(/^[\w.-]+$/);

    const { data: deployments } = await octokit.rest.repos.listDeployments({ ...place, sha });
    expect(deployments).toMatchObject([{ environment: 'staging', sha }]);
    const { data: statuses } = await octokit.rest.repos.listDeploymentStatuses({
      ...place,
      deployment_id: deployments[0]?.id ?? 0,
    });
    expect(statuses[0]).toMatchObject({ state: 'success' });

    const again = await apply(sha);
    expect(again).toMatchObject({ code: 0, outputs: { changed: 'false' } });
    expect(again.log).toContain('staging: no changes');
    expect(await section()).toEqual(after);
    expect(world.github.complaints).toEqual([]);
  });

  test('is all that is applied: what differs is refused and told, unless somebody accepts it', async () => {
    const { planned, merged, apply, cwd, section, state } = await opened('different');
    await planned();
    const sha = await merged();
    await world.edit(cwd, 'terraform/main.tf', 'count = 2', 'count = 3');
    await world.edit(cwd, 'terraform/main.tf', 'input = "one"', 'input = "two"');
    const rehearsal = await apply(sha, { 'dry-run': 'true' });
    expect(rehearsal.code).toBe(0);
    expect(warnings(rehearsal)).toContainEqual(
      expect.stringContaining('An apply would be refused: terraform_data.many[0]: its change differs'),
    );

    refused(
      await apply(sha),
      /^terraform_data\.many\[0\]: its change differs from the one that was shown$/,
      /^terraform_data\.many\[1\]: its change differs from the one that was shown$/,
      /^terraform_data\.many\[2\]: was to stay as it is, would now be created$/,
    );
    expect(await state()).toBeUndefined();
    expect((await section())?.body).toMatch(/^### staging: not applied, see the run\n\n.*runs\/88/);

    const accepted = await apply(sha, { 'accept-changes': 'true' });
    applied(accepted, 'staging: 3 created');
    expect(warnings(accepted)).toContainEqual(
      expect.stringContaining(
        'Applied because of accept-changes, although terraform_data.many[0]: its change',
      ),
    );
    expect((await section())?.body).toMatch(/^### staging: 3 created/);
  });

  test('goes on after a failure half-way: what is left was shown, and is applied', async () => {
    const root = `${module}
resource "terraform_data" "fragile" {
  input = terraform_data.many[0].id
  provisioner "local-exec" { command = "test -e ../mended" }
}
resource "terraform_data" "last" {
  input = terraform_data.fragile.output
}
`;
    const { planned, merged, apply, cwd, section } = await opened('partial', { root });
    await planned();
    const sha = await merged('merge');
    const failed = await apply(sha);
    expect(failed.code).toBe(1);
    expect(errors(failed).at(-1)).toContain('staging may be applied in part');
    expect((await section())?.body).toMatch(/^### staging: the apply failed, see the run/);

    await writeFile(join(cwd, 'mended'), '');
    const rest = await apply(sha);
    applied(rest, 'staging: 1 created, 0 updated, 1 replaced, 0 destroyed');
    expect(rest.log).toMatch(
      /#1 has shown this and more; nothing is left to do about .*terraform_data\.many\[0\]/,
    );
  });

  test('counts, whichever commit it was shown for; an older one is named when something differs', async () => {
    const { planned, push, merged, apply, cwd } = await opened('older');
    await planned();
    await push('second');
    const sha = await merged('rebase');
    await world.edit(cwd, 'terraform/main.tf', 'count = 2', 'count = 3');
    refused(
      await apply(sha),
      /^terraform_data\.many\[2\]: was to stay as it is, would now be created$/,
      /^the plan on pull request #1 is of commit [0-9a-f]{7}, and [0-9a-f]{7} was merged$/,
    );
    await world.edit(cwd, 'terraform/main.tf', 'count = 3', 'count = 2');
    applied(await apply(sha));
  });

  test('is all of it: what would be left of it without a failure half-way is not what was shown', async () => {
    const root = module.replace(/output[^}]*}/, '');
    const { planned, merged, apply, cwd, state } = await opened('less', { root });
    await planned();
    const sha = await merged();
    await world.edit(cwd, 'terraform/main.tf', 'count = 2', 'count = 1');
    for (const _ of ['the first time', 'again'])
      refused(await apply(sha), /^terraform_data\.many\[1\]: was to be created, would now stay as it is$/);
    expect(await state()).toBeUndefined();
  });

  test('goes on where the action was killed: the comment says before anything is changed that it is being applied', async () => {
    const root = `${module}
resource "terraform_data" "fragile" {
  input = terraform_data.many[0].id
  provisioner "local-exec" { command = "sleep 2; test -e ../mended" }
}
`;
    const { planned, merged, apply, cwd, section } = await opened('killed', { root });
    await planned();
    const sha = await merged();
    let shown: ReturnType<typeof section> | undefined;
    const killed = await apply(
      sha,
      {},
      {
        onLine(line, main) {
          if (shown || !/many\[0\]: Creation complete/.test(line)) return;
          shown = section();
          main.kill('SIGKILL');
        },
      },
    );
    expect(killed.code).not.toBe(0);
    expect((await shown)?.body).toMatch(/^### staging: being applied\n\n.*runs\/88/);

    await writeFile(join(cwd, 'mended'), '');
    applied(await apply(sha), 'staging: 0 created, 0 updated, 1 replaced, 0 destroyed');
  });

  test.each(['SIGINT', 'SIGKILL', 'SIGKILL of Terraform'])(
    'goes on with the cluster that was being made at a %s, and takes it in',
    async what => {
      const { planned, merged, apply, cwd } = await opened(
        `cluster-${what.toLowerCase().replaceAll(' ', '-')}`,
        {
          root: '',
          touches: 'terraform/notes.tf',
        },
      );
      // Writes the lock file, which a team commits.
      expect((await world.step('plan', cwd)).code).toBe(0);
      await planned();
      const sha = await merged();
      const [signal] = what.split(' ') as [NodeJS.Signals];
      const broken = await apply(
        sha,
        {},
        {
          onLine(line, main) {
            if (!/exoscale_security_group\.nodes: Creation complete/.test(line)) return;
            if (what === signal) main.kill(signal);
            else killTerraform(cwd);
          },
        },
      );
      expect(broken.code).not.toBe(0);
      const next = await apply(sha);
      expect(next.code, `${broken.log}\n--- and then\n${next.log}`).toBe(0);
      expect((await apply(sha)).log).toContain('staging: no changes');
      expect(await world.object(`${basename(cwd)}/staging.tfstate.unfinished`)).toBeUndefined();
    },
  );

  test('is bound to the providers and the version that it was planned with', async () => {
    const { planned, merged, apply, cwd } = await opened('bound');
    await planned();
    const sha = await merged();
    const lock = join(cwd, 'terraform', '.terraform.lock.hcl');
    await writeFile(lock, '# another lock\n');
    refused(await apply(sha), /^the lock file of the providers was none, and is now [0-9a-f]{64}$/);
    await rm(lock);

    // Terraform itself, apart from the version that it says.
    const bin = join(cwd, 'bin');
    const script = `#!/bin/sh
[ "$1" = version ] && exec echo '{"terraform_version":"1.99.0"}'
PATH=\${PATH#*:} exec terraform "$@"
`;
    await mkdir(bin);
    await writeFile(join(bin, 'terraform'), script, { mode: 0o755 });
    const env = { ...world.environment, PATH: `${bin}:${process.env.PATH}` };
    refused(await apply(sha, {}, { env }), /^Terraform's version was 1\.\d+\.\d+, and is now 1\.99\.0$/);
    applied(await apply(sha));
  });

  test('is bound to the state that it was planned with', async () => {
    const { planned, merged, apply, state, next } = await opened('lineage');
    await planned();
    applied(await apply(await merged()));
    const sha = await next();
    const before = (await state()) ?? '';
    const { lineage } = JSON.parse(before) as { lineage: string };
    const other = '0b9d7e5c-3f0a-4d52-8a43-5b6d1f3c2e10';
    await world.object('lineage/staging.tfstate', before.replace(lineage, other));
    refused(await apply(sha), new RegExp(`^the lineage of the state was ${lineage}, and is now ${other}$`));
    await world.object('lineage/staging.tfstate', before);
    applied(await apply(sha), 'staging: 0 created, 2 updated');
  });

  test('is gone when its state is: nothing is made a second time', async () => {
    const { planned, merged, apply, next } = await opened('gone');
    await planned();
    applied(await apply(await merged()));
    const sha = await next();
    await world.remove('gone/staging.tfstate');
    const result = await apply(sha);
    expect(result.code).toBe(1);
    expect(errors(result)[0]).toBe(
      'the state is gone: everything that it knew of would be made a second time',
    );
  });

  test('is exact when there was too much to keep each change: differences are told by their counts', async () => {
    const root = module.replace('count = 2', 'count = 900').replace('"one"', 'count.index');
    const { planned, merged, apply, cwd, section } = await opened('many', { root });
    await planned();
    expect((await section())?.data?.length).toBeLessThan(1024);
    const sha = await merged();
    await world.edit(cwd, 'terraform/main.tf', 'count = 900', 'count = 901');
    refused(await apply(sha), /^901 were to be created, it would now be 902$/);
    await world.edit(cwd, 'terraform/main.tf', 'count = 901', 'count = 900');
    applied(await apply(sha), 'staging: 900 created');
  });
});

describe('nothing is applied that nobody was shown', () => {
  test('when the commit came without a pull request, unless somebody accepts it', async () => {
    const { people, apply } = await opened('direct');
    const sha = await people.commit({ files: { 'terraform/main.tf': module }, message: 'quick fix' });
    refused(
      await apply(sha),
      new RegExp(`^commit ${sha.slice(0, 7)} came without a pull request: nobody was shown this plan$`),
    );
    applied(await apply(sha, { 'accept-changes': 'true' }));
  });

  test('when the comment was deleted', async () => {
    const { planned, merged, apply, comment, octokit, place } = await opened('deleted');
    await planned();
    await octokit.rest.issues.deleteComment({ ...place, comment_id: (await comment())?.id ?? 0 });
    refused(await apply(await merged()), /^pull request #1 shows no plan of staging$/);
  });

  test('when the comment was edited, or written with another key', async () => {
    const { planned, merged, apply, comment, octokit, place, section } = await opened('edited');
    await planned();
    const { id = 0, body = '' } = (await comment()) ?? {};
    const data = (await section())?.data ?? '';
    const forged = data.replace(/.{8}$/, 'AAAAAAAA');
    await octokit.rest.issues.updateComment({ ...place, comment_id: id, body: body.replace(data, forged) });
    const sha = await merged();
    const unreadable =
      /^what the comment on pull request #1 keeps cannot be read: it was changed by somebody, or made with another review-key$/;
    refused(await apply(sha), unreadable);
    await octokit.rest.issues.updateComment({ ...place, comment_id: id, body });
    refused(await apply(sha, { 'review-key': 'another key of more than 32 characters' }), unreadable);
    applied(await apply(sha));
  });

  test('when somebody has changed what the comment shows, and left what it keeps', async () => {
    const { planned, merged, apply, comment, place } = await opened('painted');
    await planned();
    const { id = 0, body = '' } = (await comment()) ?? {};
    const somebody = getOctokit(world.github.token('octocat'), { baseUrl: world.github.url });
    const painted = body.replace(/^### staging: .*/m, '### staging: nothing to see here');
    expect(painted).not.toBe(body);
    await somebody.rest.issues.updateComment({ ...place, comment_id: id, body: painted });
    const sha = await merged();
    const told =
      /^the plan of staging on pull request #1 was changed by octocat: what was shown cannot be told; plan again/;
    refused(await apply(sha), told);
    applied(await apply(sha, { 'accept-changes': 'true' }));
  });

  test('when the plan of the pull request had no review-key or failed', async () => {
    const { merged, apply, cwd, number } = await opened('keyless');
    await world.step('plan', cwd, {
      inputs: { 'github-token': world.github.token('github-actions[bot]') },
      github: { repository: 'acme/keyless', event: 'pull_request', payload: { pull_request: { number } } },
    });
    refused(
      await apply(await merged()),
      /^the plan of staging on pull request #1 failed, was made without a review-key, or found no room in the comment for what it keeps: there is nothing to compare with$/,
    );
  });

  test('a change that is not about Terraform goes on without an apply', async () => {
    const { merged, apply, state } = await opened('manifests', { touches: 'manifests/shop.yaml' });
    const result = await apply(await merged());
    expect(result).toMatchObject({ code: 0, outputs: { changed: 'false' } });
    expect(warnings(result)).toContainEqual(
      expect.stringMatching(
        /^Nothing was applied: pull request #1 shows no plan of staging and changes nothing in terraform and not platform\.yaml; what is planned above waits/,
      ),
    );
    expect(await state()).toBeUndefined();
  });

  test('and a rule of platform.yaml holds although somebody accepts changes', async () => {
    const { planned, merged, apply, cwd, state } = await opened('ruled');
    await planned();
    const sha = await merged();
    applied(await apply(sha));
    const before = await state();
    await world.edit(cwd, 'terraform/main.tf', 'count = 2', 'count = 1');
    await world.edit(cwd, 'terraform/main.tf', 'many[1].id', 'many[0].id');
    await world.edit(
      cwd,
      'platform.yaml',
      '  staging:\n',
      '  staging:\n    protect: [terraform_data.many]\n',
    );
    const result = await apply(sha, { 'accept-changes': 'true' });
    expect(result.code).toBe(1);
    expect(errors(result)).toEqual([expect.stringContaining('terraform_data.many[1] would be destroyed')]);
    expect(await state()).toBe(before);
  });
});

describe('without what it takes to compare', () => {
  test('no review-key: the plan is applied, and the run says that it was not compared', async () => {
    const { merged, apply } = await opened('open');
    const result = await apply(await merged(), { 'review-key': '' });
    applied(result);
    expect(result.log).toContain('This plan is not compared with what the pull request has shown');
  });

  test('a review-key and no token, or a key that could be guessed: refused, and nothing is changed', async () => {
    const { planned, merged, apply, state } = await opened('tokenless');
    await planned();
    const sha = await merged();
    expect(errors(await apply(sha, { 'github-token': '' }))).toEqual([
      expect.stringContaining('Input "github-token" is missing'),
    ]);
    expect(errors(await apply(sha, { 'review-key': 'hunter2' }))).toEqual([
      expect.stringContaining('The review-key has 7 characters and could be guessed'),
    ]);
    expect(await state()).toBeUndefined();
  });

  test('from a terminal there is no pull request: what it shows it applies, and it asks nothing', async () => {
    const { cwd, state } = await opened('terminal');
    const script = join(import.meta.dirname, '../../scripts/slipway.ts');
    const env = {
      ...world.environment,
      EXOSCALE_API_KEY: world.key,
      EXOSCALE_API_SECRET: world.secret,
      REVIEW_KEY: key,
    };
    const printed = await new Promise<string>(resolve => {
      execFile(process.execPath, [script, 'apply', 'staging'], { cwd, env }, (_, stdout) => resolve(stdout));
    });
    expect(printed).toContain('+ terraform_data.many[0]');
    expect(printed).toContain('staging: 2 created');
    expect(await state()).toContain('"name": "many"');
  });
});
