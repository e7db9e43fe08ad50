import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concurrency } from './concurrency.ts';
import type { Leaf } from './leaf.ts';
import { type Case, played } from './played.ts';

/* What a team sets off at once, by our workflows, in every order in which jobs can begin and end. */

const announced = { name: 'repository_dispatch', payload: { client_payload: { service: 'ui' } } };
const dispatched = (inputs: Record<string, string>) => ({ name: 'workflow_dispatch', payload: { inputs } });
const teardown = (environment: string): Case => ({
  file: 'teardown.yml',
  event: dispatched({ environment, confirm: environment }),
});
const operations = {
  'a merge': { file: 'deploy.yml' },
  'a deploy by hand': { file: 'deploy.yml', event: dispatched({}) },
  'an image': { file: 'promote.yml', event: announced },
  'the end of staging': teardown('staging'),
  'the end of production': teardown('production'),
} satisfies Record<string, Case>;
type Operation = keyof typeof operations;

const isDeploy = (name: Operation) => operations[name].file === 'deploy.yml';
const writes = ({ workflow }: Leaf) => /(deploy-environment|teardown)\.yml$/.test(workflow.path);

test('one at a time writes to an environment, nothing that was set off is lost, and what was merged last is deployed last', async () => {
  const wishes = fc.array(fc.constantFrom(...(Object.keys(operations) as Operation[])), {
    ...{ minLength: 2, maxLength: 6 },
  });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), wishes, async (scheduler, wanted) => {
      const groups = concurrency();
      const inside = new Set<string>();
      const written: { environment: string; what: Operation; turn: number }[] = [];
      let turn = 0;
      const runs = wanted.map(async what => {
        await scheduler.schedule(Promise.resolve(), `${what} is set off`);
        const own = ++turn;
        return played({
          ...{ ...operations[what], groups },
          async work(leaf) {
            const environment = leaf.environment?.name ?? '';
            const title = `${what}: ${leaf.id} ${environment}`;
            if (!writes(leaf)) return scheduler.schedule(Promise.resolve(), title);
            if (inside.has(environment)) throw new Error(`Two are in ${environment}`);
            inside.add(environment);
            await scheduler.schedule(Promise.resolve(), title);
            inside.delete(environment);
            written.push({ environment, what, turn: own });
          },
        });
      });
      const ends = await scheduler.waitFor(Promise.all(runs));
      expect(ends.map(({ conclusion }) => conclusion)).toEqual(wanted.map(() => 'success'));
      for (const environment of ['staging', 'production']) {
        const own = written.filter(each => each.environment === environment);
        const expected = wanted.filter(what => isDeploy(what) || what === `the end of ${environment}`);
        expect(own.map(({ what }) => what).sort()).toEqual(expected.sort());
        const deploys = own.filter(({ what }) => isDeploy(what)).map(each => each.turn);
        expect(deploys).toEqual(deploys.toSorted((a, b) => a - b));
      }
    }),
    { numRuns: 20 },
  );
});
