import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { goEnvironment, roomy } from './go.ts';

const GiB = 1024 ** 3;

test.each([
  ['a cgroup allows less than there is', 2 * GiB, 2 * GiB],
  ['nothing is limited, which is a huge number', 2 ** 64, 16 * GiB],
  ['nothing is known of a limit', 0, 16 * GiB],
])('compilers fill half of the memory together: %s', (_, limit, memory) => {
  const { GOMEMLIMIT, GOMAXPROCS } = roomy({ total: 16 * GiB, limit, processes: 4 });
  expect(GOMEMLIMIT).toMatch(/^\d+B$/);
  expect(Number.parseInt(GOMEMLIMIT, 10) * Number(GOMAXPROCS)).toBe(memory / 2);
});

test('Go starts as many as the memory is shared among', () => {
  expect(goEnvironment('/tmp')).toMatchObject({
    GOMAXPROCS: String(availableParallelism()),
    GOMEMLIMIT: expect.stringMatching(/^[1-9]\d*B$/),
  });
});
