import { expect, test } from 'vitest';
import type { People } from '../../sandbox/github/index.ts';
import type { WorkflowJob, WorkflowRun } from '../../sandbox/github/workflow-runs.ts';
import { follow } from './runs.ts';

const step = (name: string, number: number) =>
  ({ name, number, status: 'completed' }) as WorkflowJob['steps'][number];
const job = (part: Partial<WorkflowJob>): WorkflowJob => ({ steps: [], log: [], ...part }) as WorkflowJob;

/** Follows a run that looks like this from its beginning. */
const followed = (run: Partial<WorkflowRun>) => {
  const runs: WorkflowRun[] = [];
  const whole = {
    name: 'deploy',
    path: '.github/workflows/deploy.yml',
    status: 'completed',
    ...run,
  } as WorkflowRun;
  return follow({ workflowRuns: () => runs } as unknown as People, 'deploy.yml', () => runs.push(whole));
};

const log = [
  { step: 1, text: 'Run ./actions/apply' },
  { step: 1, text: '12 created' },
  { step: 1, text: '' },
  { step: 2, text: 'Run ./actions/dns' },
  { step: 2, text: 'Error: no zone' },
];
const steps = [step('Run ./actions/apply', 1), step('Run ./actions/dns', 2)];

test('what a step did is the last line that it printed', async () => {
  const jobs = [job({ name: 'staging / deploy', steps, log, status: 'completed', conclusion: 'success' })];
  const { step: wait, whole } = await followed({ jobs, conclusion: 'success' });
  expect(await wait('staging / deploy', 'apply', () => {})).toBe('12 created');
  expect(await whole('apply', () => {})).toEqual(['12 created']);
});

test('a job that fails is told by its name and the end of its log', async () => {
  const jobs = [job({ name: 'staging / deploy', steps, log, status: 'completed', conclusion: 'failure' })];
  const { whole } = await followed({ jobs, conclusion: 'failure' });
  await expect(whole('dns', () => {})).rejects.toThrow(
    /^deploy: staging \/ deploy failed; its log ends with:\n[\s\S]*Error: no zone$/,
  );
});

test('a job is held from when its environment makes it wait; one that was refused is told instead', async () => {
  const waiting = job({ name: 'production / deploy', status: 'waiting' });
  const { held } = await followed({ status: 'waiting', jobs: [waiting] });
  expect(await held('production / deploy', () => {})).toBe(waiting);
  const unmet = { step: 0, text: 'Error: The deployment was rejected' };
  Object.assign(waiting, { status: 'completed', conclusion: 'failure', log: [unmet] });
  await expect(held('production / deploy', () => {})).rejects.toThrow(
    'production / deploy failed; its log ends with:\nError: The deployment was rejected',
  );
});

test('a run that ends without the step is not waited for', async () => {
  const { step: wait } = await followed({ jobs: [], conclusion: 'failure', problem: 'x.yml is no workflow' });
  await expect(wait('staging / deploy', 'apply', () => {})).rejects.toThrow(/x\.yml is no workflow/);
});
