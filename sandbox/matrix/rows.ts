import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Effect } from '../faults.ts';
import type { StepResult } from '../runner.ts';
import { essence } from './essence.ts';
import type { Call } from './gate.ts';
import { kill } from './kill.ts';
import type { Subject, World } from './world.ts';

/** A kill comes when the call has had its effect, and before its answer: between two calls only memory changes. */
export const effects = {
  kill: { kind: 'pass' },
  429: { kind: 'rate-limit', retryAfter: 1 },
  500: { kind: 'status', status: 500 },
  502: { kind: 'status', status: 502 },
  'reset before its effect': { kind: 'reset-before' },
  'reset after its effect': { kind: 'reset-after' },
  hang: { kind: 'hang' },
  'half an answer': { kind: 'truncate' },
  'half an answer, and silence': { kind: 'stall' },
  'HTML with 200': { kind: 'html' },
} satisfies Record<string, Effect>;
export type What = keyof typeof effects;

export interface Row {
  call: Call;
  what: What;
}

export interface Outcome extends Row {
  /** Sentences; none when all is as it has to be. */
  problems: string[];
  /** What was printed by all runs. */
  log: string;
  milliseconds: number;
}

/** A subject that nothing disturbs. */
export interface Undisturbed {
  calls: Call[];
  state: string;
  /** The labels of what another run writes all the same. */
  writes: Set<string>;
}

/** Beyond this a run is taken for one that never ends. */
const longest = 240_000;

export async function undisturbed(subject: Subject): Promise<Undisturbed> {
  const world = await subject.open();
  try {
    const first = await run(world);
    const calls = [...world.gate.calls];
    const state = essence(await world.state());
    const second = await run(world);
    const problems = [
      ...(first.code === 0 && second.code === 0 ? [] : ['it does not end well']),
      ...(essence(await world.state()) === state ? [] : ['another run changes something']),
      ...world.complaints(),
    ];
    if (problems.length > 0)
      throw new Error(`Undisturbed, ${problems.join('; ')}\n${first.stdout}\n--- again\n${second.stdout}`);
    return { calls, state, writes: new Set(writes(world)) };
  } finally {
    await world.close();
  }
}

/**
 * Every call of ours, each with all that can happen to it. Of those that other programs make, the first of each kind, and
 * the last of each that writes; how often they ask whether something is done yet differs from run to run.
 */
export function rowsOf({ calls }: Undisturbed): Row[] {
  const ofKind = (call: Call) => (other: Call) => other.by === call.by && kindOf(other) === kindOf(call);
  const struck = calls.filter(
    call =>
      call.by === 'us' ||
      calls.find(ofKind(call)) === call ||
      (call.writes && calls.findLast(ofKind(call)) === call),
  );
  return struck.flatMap(call => (Object.keys(effects) as What[]).map(what => ({ call, what })));
}

/** Objects of a resource are of one kind, in whichever namespace. */
const kindOf = ({ label }: Call): string =>
  label
    .replace(/(\/namespaces\/)[^/?]+(\/[^/?]+)(\/[^/?]+)?/, '$1NS$2/NAME')
    .replace(/( \/(?:api|apis\/[^/?]+)\/v\w+\/[^/?]+\/)[^/?]+/, '$1NAME');

/**
 * Disturbs one call of a run, runs again, and once more where that run had not done everything, and says what is not as if
 * nothing had happened. Also a world that does not open or close is a problem of its row: hours of others do not end with it.
 */
export async function play(subject: Subject, expected: Undisturbed, row: Row): Promise<Outcome> {
  const started = Date.now();
  const problems: string[] = [];
  const logs: string[] = [];
  const tried = async <T>(work: () => Promise<T>, before = ''): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      problems.push(`${before}${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  const world = await tried(() => subject.open(), 'its world did not open: ');
  if (world) {
    await tried(() => disturb(world, expected, row, { problems, logs }));
    await tried(() => world.close(), 'its world did not close: ');
  }
  return { ...row, problems, log: logs.join('\n--- and then\n'), milliseconds: Date.now() - started };
}

async function disturb(
  world: World,
  expected: Undisturbed,
  { call, what }: Row,
  { problems, logs }: { problems: string[]; logs: string[] },
): Promise<void> {
  const met = await run(world, { call, what });
  logs.push(met.stdout);
  if (!world.gate.hasStruck()) problems.push('the call did not come');
  problems.push(...wrongEnd(met, what));
  const isDone = met.code === 0 && essence(await world.state()) === expected.state;
  for (const which of isDone ? ['the next run'] : ['the next run', 'the one after']) {
    const next = await run(world);
    logs.push(next.stdout);
    if (next.code !== 0) problems.push(`${which} ended with ${next.code}`);
    const state = essence(await world.state());
    if (state !== expected.state) problems.push(`after ${which} ${difference(expected.state, state)}`);
  }
  const more = writes(world).filter(label => !expected.writes.has(label));
  if (more.length > 0) problems.push(`the last run wrote ${more.join(', ')}`);
  problems.push(...world.complaints());
}

const writes = ({ gate }: World): string[] =>
  gate.calls.filter(each => each.writes).map(({ label }) => label);

async function run(world: World, row?: Row): Promise<StepResult> {
  let child: ChildProcess | undefined;
  const started = (which: ChildProcess) => (child = which);
  const struck = () => {
    if (row?.what === 'kill' && child?.pid !== undefined) kill(child.pid);
    // What has no time limit goes on waiting.
    if (row && isSilent(row.what) && row.call.by === 'us') child?.kill('SIGUSR2');
  };
  world.gate.begin(row && { point: row.call, effect: effects[row.what], struck });
  const done = new AbortController();
  const late = sleep(longest, undefined, { signal: done.signal }).then(() => {
    child?.kill('SIGKILL');
    throw new Error(`a run had not ended after ${longest / 1000} s`);
  });
  try {
    return await Promise.race([world.run({ started, postStarted: started }), late]);
  } finally {
    done.abort();
    late.catch(() => {});
  }
}

const isSilent = (what: What): boolean => ['hang', 'stall'].includes(effects[what].kind);

/** It ends well, is killed, or says in a sentence what is wrong. */
function wrongEnd({ code, stdout, annotations }: StepResult, what: What): string[] {
  const errors = annotations.filter(({ level }) => level === 'error').map(({ message }) => message);
  const isKilled = what === 'kill' && code === 137;
  return [
    ...(code === 0 || code === 1 || isKilled ? [] : [`it ended with ${code}`]),
    ...(code === 1 && errors.length === 0 ? ['it failed without a sentence'] : []),
    ...errors.filter(each => each.includes('bug in Slipway')),
    ...(/^ +at .*:\d+:\d+\)?$/m.test(stdout) ? ['it showed a stack'] : []),
  ];
}

/** The first line in which two states differ. */
function difference(expected: string, found: string): string {
  const [before, after] = [expected.split('\n'), found.split('\n')];
  const at = before.findIndex((line, index) => line !== after[index]);
  return `there is ${after[at]?.trim()} instead of ${before[at]?.trim()}, below ${before
    .slice(Math.max(0, at - 3), at)
    .join(' ')
    .replace(/\s+/g, ' ')}`;
}

/** So many of the rows, the same for the same seed. */
export function sample(rows: readonly Row[], count: number, seed = 1): Row[] {
  const length = Math.min(count, rows.length);
  const chosen = fc.shuffledSubarray([...rows], { minLength: length, maxLength: length });
  return fc.sample(chosen, { seed, numRuns: 1 }).flat();
}
