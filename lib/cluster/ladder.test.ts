import { expect, test } from 'vitest';
import { KubernetesError } from '../kubectl/kubectl.ts';
import type { Runner } from '../runner/runner.ts';
import { climb, type Deadline, NotInTime, type Problem, type Rung } from './ladder.ts';

const runner = (lines: string[] = []) =>
  ({ progress: (line: string) => lines.push(line) }) as unknown as Runner;

/** A rung whose answers come one after the other; the last one stays. */
function rung(name: string, ...answers: (Problem[] | Error)[]): Rung & { looks: number } {
  const made = {
    name,
    looks: 0,
    async look() {
      const answer = answers[Math.min(made.looks++, answers.length - 1)] ?? [];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  return made;
}

const wrong = [{ what: 'Node a', why: ['NotReady'] }];
const deadline = (milliseconds = 10_000): Deadline => ({
  minutes: 2,
  at: Date.now() + milliseconds,
  pause: 1,
});

test('rungs are climbed in order, each until nothing is wrong', async () => {
  const lines: string[] = [];
  const [first, second] = [rung('nodes', wrong, wrong, []), rung('pods', [])];
  await climb(runner(lines), [first, second], deadline());
  expect([first.looks, second.looks]).toEqual([3, 1]);
  expect(lines).toEqual(['Waiting for nodes: Node a: NotReady', 'Waiting for nodes: Node a: NotReady']);
});

test('an API server that does not answer for a while is waited for', async () => {
  const away = new KubernetesError('Unavailable', 'Could not list nodes');
  const flaky = rung('nodes', away, away, []);
  await climb(runner(), [flaky], deadline());
  expect(flaky.looks).toBe(3);
});

test('one that refuses is not', async () => {
  const refused = rung('nodes', new KubernetesError('Forbidden', 'Could not list nodes'));
  await expect(climb(runner(), [refused], deadline())).rejects.toThrow('Could not list nodes');
  expect(refused.looks).toBe(1);
});

test('when time is up, all that is wrong is named with its reasons, and no later rung is tried', async () => {
  const late = rung('pods', []);
  const stuck: Rung = {
    ...rung('nodes', wrong),
    explain: async problems =>
      problems.map(({ what }) => ({ what, why: ['NotReady', 'event: disk is full'] })),
  };
  const failure = await climb(runner(), [stuck, late], deadline(5)).catch(error => error);
  expect(failure).toBeInstanceOf(NotInTime);
  expect(failure.message).toMatch(/^2 min are over, waiting for nodes, not done: Node a; mend/);
  expect(failure.message).toContain('Node a: NotReady\n  event: disk is full');
  expect(late.looks).toBe(0);
});

test('what is ready at the last moment is ready', async () => {
  const late: Rung = { ...rung('nodes', wrong), explain: async () => [] };
  const next = rung('pods', []);
  await climb(runner(), [late, next], deadline(5));
  expect(next.looks).toBe(1);
});
