import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { actions, declared } from './docs.ts';
import {
  actionOf,
  calledBy,
  workflowFiles as files,
  type Job,
  readWorkflow,
  type Step,
  workflowText as text,
} from './workflow-files.ts';

/* What neither GitHub nor a linter enforces: https://docs.github.com/en/actions/reference/security/secure-use */

const folder = '.github/workflows';
const workflow = (file: string) => readWorkflow(`${folder}/${file}`);
const jobs = files.flatMap(file =>
  Object.entries(readWorkflow(file).jobs).map(([name, job]) => [file, name, job] as const),
);
const ownJobs = jobs.filter(([, , job]) => job.steps);
const called = files.filter(file => 'workflow_call' in readWorkflow(file).on);

test('all the pipelines are there', () => {
  const own = files.filter(file => file.startsWith(folder)).map(file => basename(file, '.yml'));
  expect(own.sort()).toEqual([
    ...['announce', 'build', 'ci', 'deploy', 'deploy-environment', 'drift', 'drift-environment', 'plan'],
    ...['plan-environment', 'promote', 'release', 'teardown'],
  ]);
  const services = files.filter(file => !file.startsWith(folder));
  expect(services).toEqual(
    ['product', 'ui', 'user-manager'].map(name => `services/${name}/${folder}/ci.yml`),
  );
});

test.each(files)(
  '%s grants nothing to all jobs, says why for each grant, and never runs with a stranger’s code and secrets',
  file => {
    expect(readWorkflow(file).permissions).toEqual({});
    expect(Object.keys(readWorkflow(file).on)).not.toContain('pull_request_target');
    for (const grant of text(file).matchAll(/^ {6}[\w-]+: (?:read|write)\b(.*)$/gm))
      expect(grant[0]).toMatch(/ # \w/);
  },
);

test.each(files)('%s pins every foreign action by commit, with its version beside it', file => {
  for (const [line, reference] of text(file).matchAll(/uses: (\S+).*$/gm)) {
    if (reference?.startsWith('./') || calledBy({ uses: reference ?? '' })) continue;
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
    const name = actionOf(step);
    if (!name) continue;
    expect(actions()).toContain(name);
    expect(Object.keys(declared(name).inputs)).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})));
  }
});

test('what writes to an environment enters it, and waits for whatever else writes to it', () => {
  const writers = jobs.filter(([, , job]) =>
    job.steps?.some(
      step =>
        /^\.\/actions\/(apply|bootstrap|dns|teardown)$/.test(step.uses ?? '') && step.with?.drift !== true,
    ),
  );
  expect(writers.map(([file]) => basename(file)).sort()).toEqual(['deploy-environment.yml', 'teardown.yml']);
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
  expect(step('plan-environment.yml', 'plan', 'plan')).toMatchObject(common);
  expect(step('deploy-environment.yml', 'deploy', 'apply')).toMatchObject(common);
});

test('changes are accepted for the one environment whose plan was read', () => {
  const { on, jobs: all } = workflow('deploy.yml');
  const each = Object.values(all).filter(job => job.uses?.endsWith('/deploy-environment.yml'));
  const { inputs } = on.workflow_dispatch as { inputs: Record<string, unknown> };
  const environments = each.map(job => String(job.with?.environment));
  expect(inputs['accept-changes']).toMatchObject({
    ...{ type: 'choice', options: ['nothing', ...environments], default: 'nothing' },
  });
  for (const { with: given } of each)
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
  const keys = [...text(`${folder}/promote.yml`).matchAll(/client_payload\.(\w+)/g)].map(([, key]) => key);
  expect(keys).toEqual(['service', 'image', 'revision']);
  expect(text(`${folder}/promote.yml`)).not.toMatch(/client_payload(?!\.\w)/);
  const { announce } = workflow('announce.yml').jobs;
  expect(announce?.permissions).toEqual({});
  expect(text(`${folder}/announce.yml`)).not.toContain('github.token');
  const [{ with: asked } = {}] = announce?.steps?.filter(({ id }) => id === 'token') ?? [];
  expect(asked).toMatchObject({
    repositories: '${{ steps.platform.outputs.name }}',
    ...{
      'permission-contents': 'write',
      'permission-pull-requests': 'write',
      'permission-deployments': 'write',
    },
  });
});

test('a merge queue waits for the check that pull requests wait for', () => {
  expect(Object.keys(workflow('ci.yml').on)).toEqual(expect.arrayContaining(['pull_request', 'merge_group']));
});

test('drift is looked for on main alone: there is one issue about it', () => {
  for (const job of Object.values(workflow('drift.yml').jobs))
    expect(job.if).toBe("github.ref == 'refs/heads/main'");
});

test('a look for drift writes nothing but its issue, one after the other, and each also when another has failed', () => {
  const { terraform, cluster } = workflow('drift-environment.yml').jobs;
  const looks = (job?: Job) =>
    job?.steps?.flatMap(step => (actionOf(step) ? [[actionOf(step), step.with?.drift]] : []));
  expect(looks(terraform)).toEqual([['plan', true]]);
  expect(looks(cluster)).toEqual([
    ['bootstrap', true],
    ['dns', true],
  ]);
  expect(cluster).toMatchObject({ needs: 'terraform', if: '${{ !cancelled() }}' });
  expect(cluster?.steps?.at(-1)?.if).toBe("${{ !cancelled() && steps.bootstrap.outcome != 'skipped' }}");
  for (const { concurrency } of [terraform, cluster] as Job[])
    expect(concurrency).toEqual({
      ...{ group: 'drift-${{ inputs.environment }}', 'cancel-in-progress': false, queue: 'max' },
    });
});

test('where pull requests run there is no key to a cluster', () => {
  const cluster = workflow('drift-environment.yml').jobs.cluster;
  expect(cluster?.environment).toEqual({ name: '${{ inputs.environment }}-drift', deployment: false });
  const other = jobs.filter(([file, , { environment }]) => {
    const name = typeof environment === 'object' ? environment.name : environment;
    return name?.endsWith('-drift') && file !== `${folder}/drift-environment.yml`;
  });
  expect(other).toEqual([]);
});

test('plans run where no reviewer is waited for, are recorded as no deployment, and never for a fork', () => {
  const plan = workflow('plan-environment.yml').jobs.plan;
  expect(plan?.if).toBe('github.event.pull_request.head.repo.full_name == github.repository');
  for (const job of [plan, workflow('drift-environment.yml').jobs.terraform])
    expect(job?.environment).toEqual({ name: '${{ inputs.environment }}-plan', deployment: false });
  expect(JSON.stringify(workflow('plan.yml').jobs.validate)).not.toContain('secrets.');
});

test('staging comes before production, and before what is offered to it', () => {
  const { staging, production, promote } = workflow('deploy.yml').jobs;
  expect([staging?.needs, production?.needs, promote?.needs]).toEqual([undefined, 'staging', 'staging']);
});

/** A workflow that is called from another repository finds the actions of its own: the caller's checkout has none. */
const brought: Step = {
  if: '${{ job.workflow_repository && job.workflow_repository != github.repository }}',
  uses: expect.stringMatching(/^actions\/checkout@/),
  with: {
    repository: '${{ job.workflow_repository }}',
    ref: '${{ job.workflow_sha }}',
    path: '.slipway',
    'persist-credentials': false,
  },
};

test.each(called.filter(file => !/(announce|build|promote)\.yml$/.test(file)))(
  '%s can be called from another repository, with the actions of the release that is named there',
  file => {
    for (const job of Object.values(readWorkflow(file).jobs)) {
      const steps = job.steps ?? [];
      const first = steps.findIndex(step => actionOf(step));
      const build = steps.findIndex(({ run }) => run?.includes('npm run build'));
      expect(steps.slice(0, build)).toContainEqual(brought);
      expect(build).toBeLessThan(first);
      expect(steps[build]?.run).toBe(
        'if [ -d .slipway ]; then cp -R .slipway/actions .slipway/dist .; else npm ci && npm run build; fi',
      );
    }
  },
);

test('what writes a release runs nothing that a dependency brings, and checks what it is handed', () => {
  const { build, publish } = workflow('release.yml').jobs;
  expect(build?.permissions).toEqual({ contents: 'read' });
  expect(publish?.needs).toBe('build');
  expect(JSON.stringify(publish?.steps)).not.toMatch(/npm|npx|node /);
  const names = publish?.steps?.map(({ name, uses }) => name ?? uses?.split('@')[0]);
  expect(names?.slice(1, 4)).toEqual([
    ...['actions/download-artifact', 'The artifact is what was built', 'actions/attest-build-provenance'],
  ]);
});

test.each(files.filter(file => file.startsWith('services/')))(
  '%s is this service’s, and builds what is merged',
  file => {
    const [, service = ''] = file.split('/');
    const { build, test: tests } = readWorkflow(file).jobs as Record<string, Job>;
    expect(tests?.steps?.flatMap(({ run }) => run ?? [])).toEqual(['npm ci', 'npm run types', 'npm test']);
    expect(build).toMatchObject({
      needs: 'test',
      if: "github.event_name == 'push'",
      with: { service, image: `ghcr.io/acme/${service}`, platform: 'acme/platform' },
    });
    const { inputs, secrets } = workflow('build.yml').on.workflow_call as Record<string, object>;
    expect(Object.keys(inputs ?? {})).toEqual(expect.arrayContaining(Object.keys(build?.with ?? {})));
    expect(Object.keys(secrets ?? {})).toEqual(['app-private-key']);
  },
);

test('the page about the pipelines has every workflow, every secret and every grant', () => {
  const page = text('docs/pipelines.md');
  const all = files.filter(file => file.startsWith(folder));
  const secrets = all.flatMap(file =>
    [...text(file).matchAll(/secrets\.([A-Z_]+)/g)].map(([, name]) => name),
  );
  const grants = all.flatMap(file =>
    Object.values(readWorkflow(file).jobs).flatMap(({ permissions = {} }) =>
      Object.entries(permissions).map(grant => grant.join(': ')),
    ),
  );
  const called = all.filter(file => file.endsWith('-environment.yml')).map(file => basename(file));
  const events = all.filter(file => !file.endsWith('-environment.yml')).map(file => basename(file, '.yml'));
  const missing = [...new Set([...secrets, ...grants, ...called, ...events])].filter(
    each => !page.includes(String(each)),
  );
  expect(missing).toEqual([]);
});
