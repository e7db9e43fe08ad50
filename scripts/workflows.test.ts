import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { actions, declared } from './docs.ts';

/* What neither GitHub nor a linter enforces: https://docs.github.com/en/actions/reference/security/secure-use */

interface Step {
  id?: string;
  if?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Job {
  uses?: string;
  with?: Record<string, unknown>;
  steps?: Step[];
  permissions?: Record<string, string>;
  env?: Record<string, string>;
  'timeout-minutes'?: number;
  environment?: unknown;
  concurrency?: { group: string; 'cancel-in-progress': unknown; queue?: string };
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: unknown;
  jobs: Record<string, Job>;
}

const folder = join(import.meta.dirname, '../.github/workflows');
const files = globSync('*.yml', { cwd: folder });
const text = (file: string) => readFileSync(join(folder, file), 'utf8');
const workflow = (file: string) => parse(text(file)) as Workflow;
const jobs = files.flatMap(file =>
  Object.entries(workflow(file).jobs).map(([name, job]) => [file, name, job] as const),
);
const ownJobs = jobs.filter(([, , job]) => job.steps);

test('all the pipelines are there', () => {
  expect(files.sort()).toEqual(
    ['announce', 'ci', 'deploy-environment', 'deploy', 'drift', 'plan', 'promote', 'release', 'teardown'].map(
      name => `${name}.yml`,
    ),
  );
});

test.each(files)(
  '%s grants nothing to all jobs, says why for each grant, and never runs with a stranger’s code and secrets',
  file => {
    expect(workflow(file).permissions).toEqual({});
    expect(Object.keys(workflow(file).on)).not.toContain('pull_request_target');
    for (const grant of text(file).matchAll(/^ {6}[\w-]+: (?:read|write)\b(.*)$/gm))
      expect(grant[0]).toMatch(/ # \w/);
  },
);

test.each(files)('%s pins every foreign action by commit, with its version beside it', file => {
  for (const [line, reference] of text(file).matchAll(/uses: (\S+).*$/gm)) {
    if (reference?.startsWith('./')) continue;
    expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  }
});

test.each(ownJobs)(
  '%s, job %s: a time limit, no credentials left behind, and no foreign text in a shell',
  (_, _name, job) => {
    expect(job['timeout-minutes']).toBeGreaterThan(0);
    expect(job.permissions).toBeDefined();
    // A secret in the job's environment is every step's, those of build tools too.
    expect(JSON.stringify(job.env ?? {})).not.toContain('secrets.');
    for (const step of job.steps ?? []) {
      if (step.uses?.startsWith('actions/checkout@')) expect(step.with?.['persist-credentials']).toBe(false);
      expect(step.run ?? '').not.toContain('${{');
      expect(JSON.stringify(step)).not.toContain('actions/cache');
    }
  },
);

test.each(ownJobs)('%s, job %s uses our actions as they are declared', (_, _name, job) => {
  for (const step of job.steps ?? []) {
    const name = /^\.\/actions\/(.+)$/.exec(step.uses ?? '')?.[1];
    if (!name) continue;
    expect(actions()).toContain(name);
    expect(Object.keys(declared(name).inputs)).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})));
  }
});

test('what writes to an environment enters it, and waits for whatever else writes to it', () => {
  const writers = jobs.filter(([, , job]) =>
    job.steps?.some(step => /^\.\/actions\/(apply|bootstrap|dns|teardown)$/.test(step.uses ?? '')),
  );
  expect(writers.map(([file]) => file).sort()).toEqual(['deploy-environment.yml', 'teardown.yml']);
  for (const [, , job] of writers) {
    expect(job.environment).toBe('${{ inputs.environment }}');
    expect(job.concurrency).toEqual({
      group: 'environment-${{ inputs.environment }}',
      'cancel-in-progress': false,
      queue: 'max',
    });
  }
});

test('what a plan showed is what its merge applies: both have the key, and apply may read and write the comment', () => {
  const step = (file: string, job: string, action: string) =>
    workflow(file).jobs[job]?.steps?.find(({ uses }) => uses === `./actions/${action}`)?.with;
  const common = { 'review-key': '${{ secrets.REVIEW_KEY }}', 'github-token': '${{ github.token }}' };
  expect(step('plan.yml', 'plan', 'plan')).toMatchObject(common);
  expect(step('deploy-environment.yml', 'deploy', 'apply')).toMatchObject(common);
  for (const job of [
    ...Object.values(workflow('deploy.yml').jobs),
    workflow('deploy-environment.yml').jobs.deploy,
  ])
    expect(job?.permissions).toMatchObject({ 'pull-requests': 'write' });
});

test('changes are accepted for the one environment whose plan was read', () => {
  const { on, jobs: each } = workflow('deploy.yml');
  const { inputs } = on.workflow_dispatch as { inputs: Record<string, unknown> };
  const environments = Object.values(each).map(job => String(job.with?.environment));
  expect(inputs['accept-changes']).toMatchObject({
    ...{ type: 'choice', options: ['nothing', ...environments], default: 'nothing' },
  });
  for (const { with: given } of Object.values(each))
    expect(given?.['accept-changes']).toBe(`\${{ inputs.accept-changes == '${given?.environment}' }}`);
});

test.each([
  ['deploy-environment.yml', 'deploy', 'apply'],
  ['teardown.yml', 'teardown', 'teardown'],
])(
  'a state that could be uploaded nowhere is kept as an artifact of %s, and can be put back',
  (file, job, action) => {
    const steps = workflow(file).jobs[job]?.steps ?? [];
    const at = steps.findIndex(({ uses }) => uses === `./actions/${action}`);
    expect(steps[at]).toMatchObject({ id: action, with: { recover: '${{ inputs.recover }}' } });
    const output = `steps.${action}.outputs.errored-state`;
    expect(steps[at + 1]).toMatchObject({
      if: `\${{ always() && ${output} != '' }}`,
      uses: expect.stringMatching(/^actions\/upload-artifact@/),
      with: { path: `\${{ ${output} }}` },
    });
  },
);

test('names are given whatever bootstrap still waits for, once there is what they point to', () => {
  const steps = workflow('deploy-environment.yml').jobs.deploy?.steps ?? [];
  const at = (action: string) => steps.findIndex(({ uses }) => uses === `./actions/${action}`);
  expect(steps[at('apply')]?.id).toBe('apply');
  expect(steps[at('dns')]?.if).toBe("${{ !cancelled() && steps.apply.outcome == 'success' }}");
  expect(at('dns')).toBeGreaterThan(at('bootstrap'));
});

test('of what another repository sends, three keys reach the action and none a shell', () => {
  const keys = [...text('promote.yml').matchAll(/client_payload\.(\w+)/g)].map(([, key]) => key);
  expect(keys).toEqual(['service', 'image', 'revision']);
  expect(text('promote.yml')).not.toMatch(/client_payload(?!\.\w)/);
  const { announce } = workflow('announce.yml').jobs;
  expect(announce?.permissions).toEqual({});
  expect(text('announce.yml')).not.toContain('github.token');
});

test('a merge queue waits for the check that pull requests wait for', () => {
  expect(Object.keys(workflow('ci.yml').on)).toEqual(expect.arrayContaining(['pull_request', 'merge_group']));
});

test('drift is looked for on main alone: there is one issue about it', () => {
  const { drift } = workflow('drift.yml').jobs as Record<string, Job & { if?: string }>;
  expect(drift?.if).toBe("github.ref == 'refs/heads/main'");
});

test('plans run where no reviewer is waited for, are recorded as no deployment, and never for a fork', () => {
  const plan = workflow('plan.yml').jobs.plan as Job & { if?: string };
  expect(plan.if).toBe('github.event.pull_request.head.repo.full_name == github.repository');
  for (const { environment } of [plan, workflow('drift.yml').jobs.drift as Job])
    expect(environment).toEqual({ name: '${{ matrix.environment }}-plan', deployment: false });
  expect(JSON.stringify(workflow('plan.yml').jobs.validate)).not.toContain('secrets.');
});
