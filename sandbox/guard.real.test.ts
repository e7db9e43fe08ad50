import { test } from 'vitest';
import { expectGone, forever, type Owner, owner } from './guard-testing.ts';

test.runIf(process.platform === 'linux').each<[string, string, (owner: Owner) => unknown]>([
  ['closes it', 'await run.close();', () => {}],
  ['is killed', forever, ({ child }) => child.kill('SIGKILL')],
  [
    'hears ^C together with its group',
    forever,
    ({ child }) => process.kill(-(child.pid as number), 'SIGINT'),
  ],
])('nothing is left of a run whose owner %s', async (_, body, end) => {
  const one = await owner(body);
  await end(one);
  await expectGone(one);
});
