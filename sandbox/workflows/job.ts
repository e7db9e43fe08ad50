import { stripVTControlCharacters } from 'node:util';
import type { Conclusion, WorkflowJob } from '../github/workflow-runs.ts';
import { now } from '../github/world.ts';
import { act, type Entry, type Play } from './act.ts';
import { derive } from './derive.ts';
import { foreignActions } from './foreign.ts';
import type { Leaf } from './leaf.ts';
import { finish, progress } from './progress.ts';
import { list } from './workflow.ts';

/** Runs a job's steps, and keeps what anybody may see of them. */
export async function runJob(
  leaf: Leaf,
  shown: WorkflowJob,
  where: Pick<Play, 'folder' | 'event' | 'actor' | 'env' | 'github'>,
): Promise<Conclusion> {
  const { job, signal, secrets } = leaf;
  const tell = recorder(leaf, shown);
  const files = derive(leaf, where.event.name);
  const labels = list(job['runs-on'] as string | string[]);
  const actions = foreignActions(job);
  const { succeeded, said } = await act({ ...where, files, labels, actions, secrets, signal, tell });
  for (const step of shown.steps) if (step.status !== 'completed') finish(step, 'cancelled');
  if (signal.aborted) return 'cancelled';
  // Of what act says there a job that failed is no news; a file that it refuses is.
  const refused = said.split('\n').filter(line => line !== '' && !/^\{|^Error: Job '.*' failed$/.test(line));
  for (const text of succeeded ? [] : refused) shown.log.push({ step: 0, text });
  return succeeded ? 'success' : 'failure';
}

/** Sorts act's lines into steps. */
function recorder({ job, secrets }: Leaf, shown: WorkflowJob): (entry: Entry) => void {
  const { steps = [] } = job;
  const hidden = Object.values(secrets).filter(value => value !== '');
  const clean = (text: string) =>
    hidden
      .reduce((line, secret) => line.replaceAll(secret, '***'), stripVTControlCharacters(text))
      .replace(/[\r\n]+$/, '');
  const title = (index: number, name: string) => (steps[index]?.name ? name : `Run ${name.split('\n')[0]}`);

  return entry => {
    const [id] = entry.stepID ?? [];
    if (id === undefined) return;
    const index = steps.findIndex((step, at) => (step as { id?: string }).id === id || String(at) === id);
    const name = entry.stage === 'Post' ? `Post ${entry.step}` : title(index, entry.step ?? '');
    let step = shown.steps.find(each => each.name === name);
    if (!step && entry.stage !== 'Pre') {
      step = { ...progress('in_progress'), name: clean(name), number: shown.steps.length + 1 };
      shown.steps.push(step);
      if (entry.stepResult !== 'skipped') shown.log.push({ step: step.number, text: step.name });
    }
    if (!step) return;
    if (entry.stepResult)
      Object.assign(step, { status: 'completed', conclusion: entry.stepResult, completedAt: now() });
    for (const text of spoken(entry)) shown.log.push({ step: step.number, text: clean(text) });
  };
}

/** What a person sees of a line: what a step prints, and its annotations. */
function spoken({ raw_output: printed, command, arg = '', level, msg }: Entry): string[] {
  if (command === 'error' || command === 'warning')
    return `${command === 'error' ? 'Error' : 'Warning'}: ${unescaped(arg)}`.split('\n');
  if (printed) return [msg];
  return level === 'error' && command === undefined ? [`Error: ${msg}`] : [];
}

const unescaped = (text: string) =>
  text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
