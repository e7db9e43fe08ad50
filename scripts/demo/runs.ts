import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../lib/runner/errors.ts';
import type { People } from '../../sandbox/github/index.ts';
import type { WorkflowJob, WorkflowRun } from '../../sandbox/github/workflow-runs.ts';

type Say = (line: string) => void;

/** What a merge, a push or a dispatch has set off on GitHub, followed as somebody would on the page of its run. */
export interface Followed {
  run: WorkflowRun;
  /**
   * Waits for a step of a job, and gives the last line that it printed.
   * @throws UserError with the end of the job's log when it fails: then the demo cannot go on
   */
  step(job: string, action: string, say: Say): Promise<string>;
  /** Waits until its environment holds a job. */
  held(job: string, say: Say): Promise<WorkflowJob>;
  /** Waits for all of it, and gives the last line of each job's step that uses the action. */
  whole(action: string, say: Say): Promise<string[]>;
}

/**
 * The run of a workflow that something starts: `await follow(platform, 'deploy.yml', () => platform.merge(1))`.
 * One at a time: it is known by being the workflow's next.
 * @throws UserError when nothing is started within a minute
 */
export async function follow(people: People, file: string, starts: () => unknown): Promise<Followed> {
  const path = `.github/workflows/${file}`;
  const runs = () => people.workflowRuns().filter(run => run.path === path);
  const before = runs().length;
  await starts();
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
    const run = runs()[before];
    if (run) return followed(run);
  }
  throw new UserError(`Nothing has started ${file} within a minute: look at its "on:"`);
}

function followed(run: WorkflowRun): Followed {
  async function until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      const broken = run.jobs.find(
        ({ conclusion }) => conclusion === 'failure' || conclusion === 'cancelled',
      );
      if (broken)
        throw new UserError(`${run.name}: ${broken.name} failed; its log ends with:\n${lastLines(broken)}`);
      if (found !== undefined) return found;
      if (run.status === 'completed')
        throw new UserError(
          `${run.name} has ended (${run.conclusion}) without what was waited for: ${run.problem ?? run.path}`,
        );
      await sleep(50);
    }
  }

  return {
    run,
    step: (name, action, say) =>
      until(() => {
        const job = run.jobs.find(each => each.name === name);
        const last = job?.log.at(-1);
        if (last) say(last.text);
        const step = job && stepOf(job, action);
        return job && step?.status === 'completed' ? closing(job, step.number) : undefined;
      }),
    held: (name, say) =>
      until(() => {
        say(latest(run));
        return run.jobs.find(each => each.name === name && each.status === 'waiting');
      }),
    whole: (action, say) =>
      until(() => {
        say(latest(run));
        if (run.status !== 'completed') return undefined;
        return run.jobs.flatMap(job => {
          const step = stepOf(job, action);
          return step ? [closing(job, step.number)] : [];
        });
      }),
  };
}

/** The last line of a job that is under way, each in its turn. */
function latest({ jobs }: WorkflowRun): string {
  const running = jobs.filter(({ status }) => status === 'in_progress');
  const job = running[Math.floor(Date.now() / 1000) % running.length];
  const last = job?.log.at(-1);
  return last ? `${job?.name}: ${last.text}` : '';
}

const stepOf = ({ steps }: WorkflowJob, action: string) =>
  steps.find(({ name }) => name === `Run ./actions/${action}`);

/** The last line that a step printed: what it did, in one sentence. */
const closing = ({ log }: WorkflowJob, number: number): string =>
  log.findLast(({ step, text }) => step === number && text.trim() !== '')?.text ?? '';

const lastLines = ({ log }: WorkflowJob): string =>
  log
    .slice(-15)
    .map(({ text }) => text)
    .join('\n');
