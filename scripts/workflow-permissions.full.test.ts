import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attestationsOf } from '../lib/github/attestations.ts';
import { comment, readSection } from '../lib/github/comment.ts';
import { deployment } from '../lib/github/deployment.ts';
import { tellIssue } from '../lib/github/issue.ts';
import type { PartName } from '../lib/github/issue-body.ts';
import { mergedAs } from '../lib/github/pull-request.ts';
import { repository } from '../lib/github/repository.ts';
import { reviewsOf } from '../lib/github/reviews.ts';
import { promote } from '../lib/promotion/promote.ts';
import type { PromoteRequest } from '../lib/promotion/request.ts';
import type { Octokit, Runner } from '../lib/runner/runner.ts';
import type { Grants } from '../sandbox/github/permissions.ts';
import { imageAt, pinFile, pinnedPlatform, pinText } from '../sandbox/github/pins.ts';
import { type TestHub, testHub } from '../sandbox/github/testing.ts';
import { readWorkflow } from './workflow-files.ts';

/*
 * What the actions ask of GitHub, with the token that their jobs have, in a private repository: all of it goes through, and
 * without any one grant GitHub refuses, in a sentence that names what is missing. `contents: read` is the checkout's.
 */

const shop = {
  services: ['product'],
  environments: { staging: undefined, production: '{ from: staging, by: pull-request }' },
};

let hub: TestHub;
beforeAll(async () => {
  hub = await testHub(pinnedPlatform(shop));
});
afterAll(() => hub?.[Symbol.asyncDispose]());

type Place = Awaited<ReturnType<TestHub['withPull']>>;
type Work = (octokit: Octokit, place: Place) => Promise<unknown>;

async function promotion(octokit: Octokit, { slug, place }: Place, wish: Partial<PromoteRequest>) {
  const platformFile = join(hub.run.folder, `${place.repo}.yaml`);
  await writeFile(platformFile, pinnedPlatform({ ...shop, slug })['platform.yaml'] ?? '');
  const quiet = () => {};
  const runner: Partial<Runner> = {
    context: { actor: 'octocat', event: 'push', runUrl: `https://github.com/${slug}/actions/runs/1` },
    ...{ info: quiet, notice: quiet, octokit: async () => octokit, summary: async () => {} },
    warning(message) {
      throw new Error(message);
    },
  };
  const given = {
    environment: 'staging',
    platformFile,
    githubToken: 'given',
    dryRun: false,
    downgrade: false,
  };
  return promote(runner as Runner, { ...given, ...wish });
}

const announced = (octokit: Octokit, place: Place, version: string) => {
  const wish = { service: 'product', image: imageAt('product', version), revision: version };
  return promotion(octokit, place, wish);
};

const drift =
  (part: PartName): Work =>
  (octokit, { slug: repository }) =>
    tellIssue(octokit, {
      ...{ repository, key: 'drift staging', title: 'Drift', part, seen: 'seen in a run' },
      found: { state: 'drifted', text: 'drift' },
    });
const digest = `sha256:${'0'.repeat(64)}`;

/** By the workflow and its job; whatever is asked there, once. */
const works: Record<string, Work[]> = {
  'plan-environment plan': [
    (octokit, { slug, issue_number: pullRequest, head: commit }) =>
      comment(octokit, { repository: slug, pullRequest, section: 'plan staging', body: 'a plan', commit }),
  ],
  'drift-environment terraform': [drift('Terraform')],
  'drift-environment cluster': [drift('Cluster'), drift('DNS')],
  'deploy-environment deploy': [
    async (octokit, { slug, people, issue_number }) => {
      const merged = await mergedAs(octokit, slug, await people.merge(issue_number));
      const section = { repository: slug, pullRequest: merged?.number ?? 0, section: 'plan staging' };
      await readSection(octokit, section);
      await comment(octokit, { ...section, body: 'applied' });
    },
    async (octokit, { slug, people, as, place }) => {
      const runUrl = `https://github.com/${slug}/actions/runs/7`;
      const sha = (await people.head()) ?? '';
      // GitHub's own record of a job with `environment:`; apply leaves it alone.
      const { repos } = as('github-actions[bot]').rest;
      const { data } = await repos.createDeployment({
        ...{ ...place, ref: sha, environment: 'staging', auto_merge: false, required_contexts: [] },
      });
      if (!('id' in data)) throw new Error('merged instead');
      await repos.createDeploymentStatus({
        ...{ ...place, deployment_id: data.id, state: 'in_progress', log_url: `${runUrl}/job/1` },
      });
      await deployment(octokit, { repository: slug, sha, environment: 'staging', runUrl, description: '' });
    },
  ],
  'promote first': [
    (octokit, place) => announced(octokit, place, 'v2.0.0'),
    async (octokit, place) => {
      await place.people.protect('main'); // so that it becomes a pull request
      await announced(octokit, place, 'v3.0.0');
    },
  ],
  'promote next': [
    async (octokit, place) => {
      const files = { [pinFile('staging', 'product')]: pinText('product', 'v2.0.0') };
      await place.people.commit({ files, message: 'Staging moves' });
      await promotion(octokit, place, { environment: 'production' });
    },
    (octokit, { slug, people }) => {
      people.run(7, [{ state: 'approved', environments: ['production-promote'], user: 'hubot' }]);
      return reviewsOf(repository(octokit, slug), 7);
    },
    (octokit, { slug, people }) => {
      people.attest({ digest, predicateType: 'https://slsa.dev/provenance/v1', bundle: {} });
      return attestationsOf(repository(octokit, slug), digest);
    },
    // The record of a merge, and of a commit where `by: commit`.
    async (octokit, { slug, people }) =>
      deployment(octokit, {
        ...{ repository: slug, sha: (await people.head()) ?? '', environment: 'production' },
        ...{ runUrl: `https://github.com/${slug}/actions/runs/7`, description: '' },
      }),
  ],
};

const cases = Object.entries(works).map(([name, all]) => {
  const [file = '', job = ''] = name.split(' ');
  const granted = readWorkflow(`.github/workflows/${file}.yml`).jobs[job]?.permissions ?? {};
  return [name, granted, all] as const;
});

/** What comes of the works with these grants: the sentences of those that are refused. */
async function refusals(name: string, grants: Grants, all: readonly Work[]): Promise<string[]> {
  const said: string[] = [];
  const place = await hub.withPull(name.replace(/\W/g, '-'));
  place.people.setPrivate(true);
  const octokit = place.as('github-actions[bot]', grants) as unknown as Octokit;
  for (const work of all) {
    await work(octokit, place).catch(error => said.push((error as Error).message));
  }
  return said;
}

test.each(cases)('%s has what it asks for', async (name, granted, all) => {
  expect(await refusals(name, granted, all)).toEqual([]);
});

const removals = cases.flatMap(([name, granted, all]) =>
  Object.keys(granted)
    .filter(grant => granted[grant] !== 'read' || grant !== 'contents')
    .map(grant => [name, grant, granted, all] as const),
);

test.each(removals)('%s without %s is refused, and says so', async (name, grant, granted, all) => {
  const { [grant]: _, ...rest } = granted;
  const said = await refusals(`${name} ${grant}`, rest, all);
  expect(said.length).toBeGreaterThan(0);
  for (const sentence of said) {
    expect(sentence).toContain('Resource not accessible by integration');
    expect(sentence).toContain(`\`permissions: { ${grant}: `);
  }
});
